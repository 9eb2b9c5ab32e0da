@FUNCTION@() {
    local program=$words[1] line
    local -a before lines values
    whence -p -- "$program" >/dev/null || program=@PROGRAM@
    (( CURRENT > 2 )) && before=("${(@Q)words[2,CURRENT-1]}")
    lines=("${(@f)$(command -- "$program" completions zsh --candidates -- "${before[@]}" "${(Q)PREFIX}" 2>/dev/null)}")
    case $lines[1] in
        files) [[ $PREFIX == --*=* ]] && compset -P '--*='; _files ;;
        folders) [[ $PREFIX == --*=* ]] && compset -P '--*='; _files -/ ;;
        words)
            for line in "${(@)lines[2,-1]}"; do
                [[ -n $line ]] && values+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
            done
            _describe '' values
            ;;
    esac
}
