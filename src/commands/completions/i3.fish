function @FUNCTION@
    set -l words (commandline -opc)
    set -l program $words[1]
    command -q -- $program; or set program @PROGRAM@
    set -l token (commandline -ct)
    set -l typed (string unescape -- $token 2>/dev/null; or string replace -r -- '^[\'"]' '' $token)
    set -l lines (command $program completions fish --candidates -- $words[2..-1] "$typed" 2>/dev/null)
    set -l before (string match -r -- '^--[^=]*=' $typed)
    switch "$lines[1]"
        case files
            printf '%s\n' "$before"(__fish_complete_path (string replace -r -- '^--[^=]*=' '' $typed))
        case folders
            printf '%s\n' "$before"(__fish_complete_directories (string replace -r -- '^--[^=]*=' '' $typed) '')
        case words
            printf '%s\n' $lines[2..-1]
    end
end
complete -c @QUOTED@ -f -a '(@FUNCTION@)'
