_i3() {
    local program=$1 kind='' word
    type -P -- "$program" >/dev/null || program=i3
    COMPREPLY=()
    while IFS= read -r word; do
        if [[ -z $kind ]]; then kind=$word; else COMPREPLY+=("$word"); fi
    done < <(command -- "$program" completions bash --candidates -- "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
    case $kind in
        files) compopt -o default ;;
        folders) compopt -o dirnames ;;
    esac
}
complete -F _i3 -- i3
