# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_i3_global_optspecs
    string join \n json quiet v/verbose config= profile= allow-loose-permissions h/help V/version
end

function __fish_i3_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_i3_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_i3_using_subcommand
    set -l cmd (__fish_i3_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c i3 -n "__fish_i3_needs_command" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_needs_command" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_needs_command" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_needs_command" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_needs_command" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_needs_command" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_needs_command" -s V -l version -d 'Print version'
complete -c i3 -n "__fish_i3_needs_command" -f -a "keygen" -d 'Make an RSA key pair, and print the public key body as I3\'s form needs it'
complete -c i3 -n "__fish_i3_needs_command" -f -a "pubkey" -d 'Print the public half of a private key'
complete -c i3 -n "__fish_i3_needs_command" -f -a "signup" -d 'Create an account at the marketplace and log in with it'
complete -c i3 -n "__fish_i3_needs_command" -f -a "login" -d 'Log in at the marketplace, and keep the API key and the session for the other commands'
complete -c i3 -n "__fish_i3_needs_command" -f -a "logout" -d 'Remove the API key and the session that \'login\' kept for a marketplace'
complete -c i3 -n "__fish_i3_needs_command" -f -a "whoami" -d 'Show your user name in the case in which the marketplace stores it'
complete -c i3 -n "__fish_i3_needs_command" -f -a "hub" -d 'List and create hubs: what products and devices belong to'
complete -c i3 -n "__fish_i3_needs_command" -f -a "product" -d 'List, show, search, create, edit and delete products: the topics that are sold'
complete -c i3 -n "__fish_i3_needs_command" -f -a "device" -d 'List, show, delete and repair devices at the marketplace, give them another password or key, and configure them here'
complete -c i3 -n "__fish_i3_needs_command" -f -a "import" -d 'Take over what the files of the I3-SDK say: the device, its password, the broker'
complete -c i3 -n "__fish_i3_needs_command" -f -a "register" -d 'Register a device with the marketplace, and prove that it can log in'
complete -c i3 -n "__fish_i3_needs_command" -f -a "request" -d 'List, approve and decline requests for restricted products'
complete -c i3 -n "__fish_i3_needs_command" -f -a "sales" -d 'List what you sold: topic, buyer, quantity, amount and time of each sale'
complete -c i3 -n "__fish_i3_needs_command" -f -a "purchases" -d 'List what you bought: topic, seller, quantity, amount and time of each purchase'
complete -c i3 -n "__fish_i3_needs_command" -f -a "notifications" -d 'List what the marketplace notified you of; mark as read, archive, and print the broker password'
complete -c i3 -n "__fish_i3_needs_command" -f -a "buy" -d 'Buy a product: this costs money'
complete -c i3 -n "__fish_i3_needs_command" -f -a "token" -d 'Print a time-limited token that logs the device in'
complete -c i3 -n "__fish_i3_needs_command" -f -a "pub" -d 'Publish a message, or each line of stdin, and say whether it arrived'
complete -c i3 -n "__fish_i3_needs_command" -f -a "sub" -d 'Print what arrives at a topic, as its buyer sees it, or draw it'
complete -c i3 -n "__fish_i3_needs_command" -f -a "spool" -d 'Look at lines that wait on disk, send them, save them, or throw them away'
complete -c i3 -n "__fish_i3_needs_command" -f -a "agent" -d 'Keep one connection for each device, which every \'i3 pub\' of this user then publishes over'
complete -c i3 -n "__fish_i3_needs_command" -f -a "gateway" -d 'Take messages from MQTT brokers and NATS streams, and publish them as your devices'
complete -c i3 -n "__fish_i3_needs_command" -f -a "config" -d 'Show, change and check the configuration'
complete -c i3 -n "__fish_i3_needs_command" -f -a "doctor" -d 'Find out why a device\'s messages do not arrive, and how to fix it'
complete -c i3 -n "__fish_i3_needs_command" -f -a "explain" -d 'Explain a code, an exit status or an error message of I3, the broker or this program'
complete -c i3 -n "__fish_i3_needs_command" -f -a "sandbox" -d 'Run an I3 on this machine: marketplace and broker, with a seller, a buyer, a hub and a product'
complete -c i3 -n "__fish_i3_needs_command" -f -a "demo" -d 'Run a demonstration on a sandbox: key, device, token, message, the buyer\'s screen, and what is refused'
complete -c i3 -n "__fish_i3_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c i3 -n "__fish_i3_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand keygen" -l device -d 'The same as NAME; \'pub\' and \'sub\' take it this way' -r
complete -c i3 -n "__fish_i3_using_subcommand keygen" -l out -d 'Write the private key to FILE instead' -r -F
complete -c i3 -n "__fish_i3_using_subcommand keygen" -l bits -d 'Make a modulus of N bits; over 2696 the public half does not fit I3\'s form' -r
complete -c i3 -n "__fish_i3_using_subcommand keygen" -l passphrase-file -d 'Encrypt the private key with the passphrase in FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand keygen" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand keygen" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand keygen" -l force -d 'Replace an existing pair; asks if a device that is configured logs in with it'
complete -c i3 -n "__fish_i3_using_subcommand keygen" -l yes -d 'Do not ask'
complete -c i3 -n "__fish_i3_using_subcommand keygen" -l ask-passphrase -d 'Encrypt the private key with a passphrase that is typed, twice'
complete -c i3 -n "__fish_i3_using_subcommand keygen" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand keygen" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand keygen" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand keygen" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand keygen" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand pubkey" -l device -d 'The same as DEVICE; \'pub\' and \'sub\' take it this way' -r
complete -c i3 -n "__fish_i3_using_subcommand pubkey" -l key -d 'Use the private key in FILE, which only its owner may read; \'-\' is standard input, and pkcs11:token=…;object=… a key on a token' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pubkey" -l passphrase-file -l pin-file -d 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pubkey" -l format -d 'Print it in this form' -r -f -a "body\t'One line of base64, as I3\'s form needs it'
pem\t'PEM (SubjectPublicKeyInfo)'
jwk\t'JSON Web Key'"
complete -c i3 -n "__fish_i3_using_subcommand pubkey" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pubkey" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand pubkey" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand pubkey" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand pubkey" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand pubkey" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand pubkey" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand signup" -l type -d 'Create the account for selling, for buying, or for both' -r -f -a "seller\t'Sells and decides on requests'
buyer\t'Buys, and sees no requests'
both\t''"
complete -c i3 -n "__fish_i3_using_subcommand signup" -l email -d 'Let the marketplace send mail to this address; without one it sends none' -r
complete -c i3 -n "__fish_i3_using_subcommand signup" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand signup" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand signup" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand signup" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand signup" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand signup" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand signup" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand signup" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand signup" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand signup" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand signup" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand signup" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand signup" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand signup" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand signup" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand signup" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand signup" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand signup" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand signup" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand signup" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand signup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand login" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand login" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand login" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand login" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand login" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand login" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand login" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand login" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand login" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand login" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand login" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand login" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand login" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand login" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand login" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand login" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand login" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand login" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand login" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand login" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand login" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand logout" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand logout" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand logout" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand logout" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand logout" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand logout" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand logout" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand logout" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand logout" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand logout" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand logout" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand logout" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand logout" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand logout" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand logout" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand logout" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand logout" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand logout" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand whoami" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand whoami" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand whoami" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand hub; and not __fish_seen_subcommand_from list create help" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and not __fish_seen_subcommand_from list create help" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand hub; and not __fish_seen_subcommand_from list create help" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand hub; and not __fish_seen_subcommand_from list create help" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand hub; and not __fish_seen_subcommand_from list create help" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand hub; and not __fish_seen_subcommand_from list create help" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand hub; and not __fish_seen_subcommand_from list create help" -s h -l help -d 'Print help'
complete -c i3 -n "__fish_i3_using_subcommand hub; and not __fish_seen_subcommand_from list create help" -f -a "list" -d 'List your hubs, one full name per line'
complete -c i3 -n "__fish_i3_using_subcommand hub; and not __fish_seen_subcommand_from list create help" -f -a "create" -d 'Create a hub and check that it exists'
complete -c i3 -n "__fish_i3_using_subcommand hub; and not __fish_seen_subcommand_from list create help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l private -d 'Hide it from other users'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from help" -f -a "list" -d 'List your hubs, one full name per line'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from help" -f -a "create" -d 'Create a hub and check that it exists'
complete -c i3 -n "__fish_i3_using_subcommand hub; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand product; and not __fish_seen_subcommand_from list show search create edit repair delete help" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and not __fish_seen_subcommand_from list show search create edit repair delete help" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and not __fish_seen_subcommand_from list show search create edit repair delete help" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand product; and not __fish_seen_subcommand_from list show search create edit repair delete help" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand product; and not __fish_seen_subcommand_from list show search create edit repair delete help" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand product; and not __fish_seen_subcommand_from list show search create edit repair delete help" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand product; and not __fish_seen_subcommand_from list show search create edit repair delete help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand product; and not __fish_seen_subcommand_from list show search create edit repair delete help" -f -a "list" -d 'List your products: topic, price, type and description, between tabs'
complete -c i3 -n "__fish_i3_using_subcommand product; and not __fish_seen_subcommand_from list show search create edit repair delete help" -f -a "show" -d 'Show a product, with everything that the marketplace shows of it'
complete -c i3 -n "__fish_i3_using_subcommand product; and not __fish_seen_subcommand_from list show search create edit repair delete help" -f -a "search" -d 'Search the products of all sellers: topic, price, type and description, between tabs'
complete -c i3 -n "__fish_i3_using_subcommand product; and not __fish_seen_subcommand_from list show search create edit repair delete help" -f -a "create" -d 'Create a product and check that it exists'
complete -c i3 -n "__fish_i3_using_subcommand product; and not __fish_seen_subcommand_from list show search create edit repair delete help" -f -a "edit" -d 'Change a product of yours, and check that it is changed'
complete -c i3 -n "__fish_i3_using_subcommand product; and not __fish_seen_subcommand_from list show search create edit repair delete help" -f -a "repair" -d 'Save a product again as it is: this grants the devices of its hub the permissions that they lack'
complete -c i3 -n "__fish_i3_using_subcommand product; and not __fish_seen_subcommand_from list show search create edit repair delete help" -f -a "delete" -d 'Delete a product of yours with its sales history, and check that it is gone'
complete -c i3 -n "__fish_i3_using_subcommand product; and not __fish_seen_subcommand_from list show search create edit repair delete help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l hub -d 'List only products of this hub: a short or full name' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l name -d 'Find the product with this topic' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l seller -d 'Find products of this seller' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l hub -d 'Find products of this hub: USER/HUB' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l type -d 'Find products of this type' -r -f -a "sensor\t'Its buyers read'
actuator\t'Its buyers write, and may also read'
both\t'Its buyers read and write'"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l restricted -d 'Find products that are restricted, or those that are not' -r -f -a "true\t''
false\t''"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l description-contains -d 'Find products with this text in the description' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l id -d 'Find the product with this number' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from search" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l hub -d 'Put it into this hub of yours: a short or full name' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l description -d 'Describe what is sold' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l price -d 'Sell it at this price: over 1 and under 100, with at most 2 decimals' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l type -d 'Say what its buyers do: read, write, or both' -r -f -a "sensor\t'Its buyers read'
actuator\t'Its buyers write, and may also read'
both\t'Its buyers read and write'"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l sale-price -d 'Sell it at this price for the time being: over 0 and under 100, with at most 2 decimals' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l latitude -d 'Say where it is: degrees north, with at most 4 decimals' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l longitude -d 'Say where it is: degrees east, with at most 4 decimals' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l restricted -d 'Require your approval for each purchase'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l id -d 'Choose the product with this number if several have the same topic' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l description -d 'Describe what is sold' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l price -d 'Sell it at this price: over 1 and under 100, with at most 2 decimals' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l sale-price -d 'Sell it at this price for the time being: over 0 and under 100, with at most 2 decimals' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l type -d 'Say what its buyers do: read, write, or both' -r -f -a "sensor\t'Its buyers read'
actuator\t'Its buyers write, and may also read'
both\t'Its buyers read and write'"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l latitude -d 'Say where it is: degrees north, with at most 4 decimals' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l longitude -d 'Say where it is: degrees east, with at most 4 decimals' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l picture -d 'Show this picture (PNG, JPEG or GIF); it can be replaced, but not removed' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l no-sale -d 'End the sale; the sale price is kept'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l restricted -d 'Require your approval for each purchase'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l unrestricted -d 'Let anyone buy it without your approval'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l no-position -d 'Remove its position'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l id -d 'Choose the product with this number if several have the same topic' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l title -d 'Give it this topic: the one that its devices publish to' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l yes -d 'Do not ask before changing the topic, and move the product to the topic\'s hub if it is in another'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from repair" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l id -d 'Choose the product with this number if several have the same topic' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l yes -d 'Do not ask for confirmation'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from help" -f -a "list" -d 'List your products: topic, price, type and description, between tabs'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a product, with everything that the marketplace shows of it'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from help" -f -a "search" -d 'Search the products of all sellers: topic, price, type and description, between tabs'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from help" -f -a "create" -d 'Create a product and check that it exists'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from help" -f -a "edit" -d 'Change a product of yours, and check that it is changed'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from help" -f -a "repair" -d 'Save a product again as it is: this grants the devices of its hub the permissions that they lack'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete a product of yours with its sales history, and check that it is gone'
complete -c i3 -n "__fish_i3_using_subcommand product; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -f -a "list" -d 'List your devices at the marketplace, one full name per line'
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -f -a "show" -d 'Show a device: its number at the marketplace, its namesakes, and its key or password file here'
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -f -a "delete" -d 'Delete a device at the marketplace, and check that it is gone'
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -f -a "add" -d 'Add a device that is already registered to the configuration'
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -f -a "export" -d 'Print devices of the configuration as TOML tables, which \'device import\' reads'
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -f -a "import" -d 'Add the devices of TOML tables to the configuration, as \'device export\' prints them'
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -f -a "passwd" -d 'Give a device another password or key at the marketplace, and prove that it logs in'
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -f -a "rotate" -d 'Give a device a new key pair, or a new password, and prove it before the old one is replaced'
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -f -a "repair" -d 'Replace a device that cannot log in: delete every row of its name, and register it once'
complete -c i3 -n "__fish_i3_using_subcommand device; and not __fish_seen_subcommand_from list show delete add export import passwd rotate repair help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l hub -d 'List only the devices of this hub, by its short or full name' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l device -d 'The same as DEVICE; \'pub\' and \'sub\' take it this way' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l device -d 'The same as DEVICE; \'pub\' and \'sub\' take it this way' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l id -d 'Delete the device with this number, if the name exists more than once' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l yes -d 'Do not ask for confirmation'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from add" -l device -d 'The same as DEVICE; \'pub\' and \'sub\' take it this way' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from add" -l key -d 'Let it log in with the private key in FILE, which only its owner can read' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from add" -l password-file -d 'Let it log in with the password in FILE, which only its owner can read' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from add" -l market -d 'Name the marketplace that it is registered with; without this, the one in use [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from add" -l broker -d 'Let it have this broker of its own' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from add" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from add" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from add" -l force -d 'Replace what is configured of the device'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from add" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from add" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from add" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from export" -l device -d 'Export this one, too' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from export" -l out -d 'Write to FILE, which must not exist and which only you can read, instead of stdout' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from export" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from export" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from export" -l with-secrets -d 'Export keys and passwords too, to the file of --out'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from export" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from export" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from export" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from import" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from import" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from import" -l force -d 'Replace what is configured of a device'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from import" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from import" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from import" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l device -d 'The same as DEVICE; \'pub\' and \'sub\' take it this way' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l key -d 'Use the private key in FILE, which only its owner may read; \'-\' is standard input, and pkcs11:token=…;object=… a key on a token' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l passphrase-file -l pin-file -d 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l password-file -d 'Read the device\'s password from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l broker -d 'Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l new-key -d 'Make a key pair for the device'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l password-stdin -d 'Read the device\'s password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l generate-password -d 'Make a password for the device and store it in a file that only its owner can read'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l plain-password -d 'Send the password itself instead of its hash; refuses a password that the marketplace\'s shell would change'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l no-check -d 'Do not log in at the broker afterwards'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l no-save -d 'Do not save the device in the configuration'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from passwd" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l device -d 'The same as DEVICE; \'pub\' and \'sub\' take it this way' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l bits -d 'Make a modulus of N bits' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l to -d 'Rotate to this key on a PKCS#11 token, pkcs11:token=…;object=…, instead of making one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l key -d 'Use the private key in FILE, which only its owner may read; \'-\' is standard input, and pkcs11:token=…;object=… a key on a token' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l passphrase-file -l pin-file -d 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l password-file -d 'Read the device\'s present password from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l broker -d 'Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l device -d 'The same as DEVICE; \'pub\' and \'sub\' take it this way' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l key -d 'Use the private key in FILE, which only its owner may read; \'-\' is standard input, and pkcs11:token=…;object=… a key on a token' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l passphrase-file -l pin-file -d 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l password-file -d 'Read the device\'s password from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l broker -d 'Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l yes -d 'Do not ask for confirmation'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l new-key -d 'Make a key pair for the device'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l password-stdin -d 'Read the device\'s password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l generate-password -d 'Make a password for the device and store it in a file that only its owner can read'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l plain-password -d 'Send the password itself instead of its hash; refuses a password that the marketplace\'s shell would change'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l no-save -d 'Do not save the device in the configuration'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from repair" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from help" -f -a "list" -d 'List your devices at the marketplace, one full name per line'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a device: its number at the marketplace, its namesakes, and its key or password file here'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete a device at the marketplace, and check that it is gone'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add a device that is already registered to the configuration'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from help" -f -a "export" -d 'Print devices of the configuration as TOML tables, which \'device import\' reads'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from help" -f -a "import" -d 'Add the devices of TOML tables to the configuration, as \'device export\' prints them'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from help" -f -a "passwd" -d 'Give a device another password or key at the marketplace, and prove that it logs in'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Give a device a new key pair, or a new password, and prove it before the old one is replaced'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from help" -f -a "repair" -d 'Replace a device that cannot log in: delete every row of its name, and register it once'
complete -c i3 -n "__fish_i3_using_subcommand device; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand import" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand import" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand import" -l force -d 'Replace what is configured'
complete -c i3 -n "__fish_i3_using_subcommand import" -l dry-run -d 'Say what would be saved, and save nothing'
complete -c i3 -n "__fish_i3_using_subcommand import" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand import" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand import" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand import" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand register" -l device -d 'The same as NAME; \'pub\' and \'sub\' take it this way' -r
complete -c i3 -n "__fish_i3_using_subcommand register" -l hub -d 'Register it in this hub of yours, by its short or full name' -r
complete -c i3 -n "__fish_i3_using_subcommand register" -l key -d 'Use the private key in FILE, which only its owner may read; \'-\' is standard input, and pkcs11:token=…;object=… a key on a token' -r -F
complete -c i3 -n "__fish_i3_using_subcommand register" -l passphrase-file -l pin-file -d 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand register" -l password-file -d 'Read the device\'s password from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand register" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand register" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand register" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand register" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand register" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand register" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand register" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand register" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand register" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand register" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand register" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand register" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand register" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand register" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand register" -l broker -d 'Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]' -r
complete -c i3 -n "__fish_i3_using_subcommand register" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand register" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand register" -l new-key -d 'Make a key pair for the device'
complete -c i3 -n "__fish_i3_using_subcommand register" -l password-stdin -d 'Read the device\'s password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand register" -l generate-password -d 'Make a password for the device and store it in a file that only its owner can read'
complete -c i3 -n "__fish_i3_using_subcommand register" -l plain-password -d 'Send the password itself instead of its hash; refuses a password that the marketplace\'s shell would change'
complete -c i3 -n "__fish_i3_using_subcommand register" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand register" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand register" -l no-check -d 'Do not log in at the broker afterwards'
complete -c i3 -n "__fish_i3_using_subcommand register" -l no-save -d 'Do not save the device in the configuration'
complete -c i3 -n "__fish_i3_using_subcommand register" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand register" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand register" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand register" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand register" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand request; and not __fish_seen_subcommand_from list approve decline help" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and not __fish_seen_subcommand_from list approve decline help" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and not __fish_seen_subcommand_from list approve decline help" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand request; and not __fish_seen_subcommand_from list approve decline help" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand request; and not __fish_seen_subcommand_from list approve decline help" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand request; and not __fish_seen_subcommand_from list approve decline help" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand request; and not __fish_seen_subcommand_from list approve decline help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand request; and not __fish_seen_subcommand_from list approve decline help" -f -a "list" -d 'List the requests that wait for a decision, the oldest first'
complete -c i3 -n "__fish_i3_using_subcommand request; and not __fish_seen_subcommand_from list approve decline help" -f -a "approve" -d 'Approve a request: its buyer may use the topic from then on'
complete -c i3 -n "__fish_i3_using_subcommand request; and not __fish_seen_subcommand_from list approve decline help" -f -a "decline" -d 'Decline a request: its buyer gets no access'
complete -c i3 -n "__fish_i3_using_subcommand request; and not __fish_seen_subcommand_from list approve decline help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l yes -d 'Do not ask for confirmation'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from approve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l yes -d 'Do not ask for confirmation'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from decline" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the requests that wait for a decision, the oldest first'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "approve" -d 'Approve a request: its buyer may use the topic from then on'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "decline" -d 'Decline a request: its buyer gets no access'
complete -c i3 -n "__fish_i3_using_subcommand request; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand sales" -l topic -d 'List this topic only' -r
complete -c i3 -n "__fish_i3_using_subcommand sales" -l hub -d 'List the topics of this hub only: USER/HUB' -r
complete -c i3 -n "__fish_i3_using_subcommand sales" -l since -d 'List nothing older than this: 2026-11-01 (UTC), or 2026-11-01T08:00:00Z' -r
complete -c i3 -n "__fish_i3_using_subcommand sales" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand sales" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sales" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sales" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sales" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sales" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sales" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand sales" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand sales" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand sales" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand sales" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand sales" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sales" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand sales" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sales" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sales" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand sales" -l totals -d 'Print a line for each topic instead: topic, count, quantity, amount'
complete -c i3 -n "__fish_i3_using_subcommand sales" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand sales" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand sales" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand sales" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand sales" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand sales" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand sales" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l topic -d 'List this topic only' -r
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l hub -d 'List the topics of this hub only: USER/HUB' -r
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l since -d 'List nothing older than this: 2026-11-01 (UTC), or 2026-11-01T08:00:00Z' -r
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l totals -d 'Print a line for each topic instead: topic, count, quantity, amount'
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand purchases" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand purchases" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand purchases" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l unread -d 'List only those that are not marked as read'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -f -a "list" -d 'List the notifications that are not archived'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -f -a "read" -d 'Mark notifications as read'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -f -a "archive" -d 'Archive notifications: the marketplace no longer shows them and cannot restore them'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -f -a "broker-password" -d 'Print the broker password: a buyer\'s account logs in to the broker with it'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and not __fish_seen_subcommand_from list read archive broker-password help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l unread -d 'List only those that are not marked as read'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l all -d 'Select all notifications'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from read" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l all -d 'Select all notifications'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l include-password -d 'With --all, archive the notification with the broker password as well'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l yes -d 'Do not ask for confirmation'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from archive" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l out -d 'Write it to FILE, readable only by its owner, and print nothing' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from broker-password" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the notifications that are not archived'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from help" -f -a "read" -d 'Mark notifications as read'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from help" -f -a "archive" -d 'Archive notifications: the marketplace no longer shows them and cannot restore them'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from help" -f -a "broker-password" -d 'Print the broker password: a buyer\'s account logs in to the broker with it'
complete -c i3 -n "__fish_i3_using_subcommand notifications; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand buy" -l quantity -d 'Buy N units' -r
complete -c i3 -n "__fish_i3_using_subcommand buy" -l request-message -d 'Send this message to the seller of a restricted product' -r
complete -c i3 -n "__fish_i3_using_subcommand buy" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand buy" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand buy" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand buy" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand buy" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand buy" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand buy" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand buy" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand buy" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand buy" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand buy" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand buy" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand buy" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand buy" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand buy" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand buy" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand buy" -l yes -d 'Do not ask for confirmation'
complete -c i3 -n "__fish_i3_using_subcommand buy" -l clear-cart -d 'Empty the cart instead, so that no purchase books what is in it'
complete -c i3 -n "__fish_i3_using_subcommand buy" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand buy" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand buy" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand buy" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand buy" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand buy" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand buy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand token" -l device -d 'The same as DEVICE; \'pub\' and \'sub\' take it this way' -r
complete -c i3 -n "__fish_i3_using_subcommand token" -l key -d 'Use the private key in FILE, which only its owner may read; \'-\' is standard input, and pkcs11:token=…;object=… a key on a token' -r -F
complete -c i3 -n "__fish_i3_using_subcommand token" -l passphrase-file -l pin-file -d 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand token" -l expires-in -d 'Make the token valid for TIME: 90s, 15m, 1h, 1d' -r
complete -c i3 -n "__fish_i3_using_subcommand token" -l issuer -d 'Write this issuer (iss) into it instead of the device\'s name' -r
complete -c i3 -n "__fish_i3_using_subcommand token" -l out -d 'Write it to FILE, which only you can read, instead of stdout; replaces a token that is there' -r -F
complete -c i3 -n "__fish_i3_using_subcommand token" -l log-format -d 'Write notes, warnings and errors as text, or as one JSON object on each line' -r -f -a "text\t''
json\t''"
complete -c i3 -n "__fish_i3_using_subcommand token" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand token" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand token" -s n -d 'Print no newline after it'
complete -c i3 -n "__fish_i3_using_subcommand token" -l renew -d 'Keep a valid token in the file until a signal ends this'
complete -c i3 -n "__fish_i3_using_subcommand token" -l inspect -d 'Read a token from stdin and show its claims, the time left, and whether the key signed it'
complete -c i3 -n "__fish_i3_using_subcommand token" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand token" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand token" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand token" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand token" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand pub" -s t -l topic -d 'Publish to this topic, in full: USER/HUB/PRODUCT' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -s m -l message -d 'Send this message' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -s f -l file -d 'Send the contents of FILE, byte for byte' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pub" -s q -l qos -d 'Quality of service' -r -f -a "0\t''
1\t''
2\t''"
complete -c i3 -n "__fish_i3_using_subcommand pub" -l confirm -d 'Prove delivery of the first message to each topic, of all, or of none' -r -f -a "first\t''
all\t''
none\t''"
complete -c i3 -n "__fish_i3_using_subcommand pub" -l retry -d 'Retry up to N times if the broker cannot be reached, is busy or does not answer, or the connection ends; can deliver twice' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l repeat -d 'Publish the message N times, each proved as --confirm says, on one connection' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l repeat-delay -d 'Wait this long after each of them: 0.5, 10, 2m' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l max-line -d 'Refuse lines that are longer than SIZE bytes: 1000, 64K, 1M' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l rejects -d 'Append lines that cannot be published to FILE instead of counting them as failed' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pub" -l stamp -d 'Add the time at which a message was read: in this field of its JSON object, or in MQTT 5\'s user property "time"' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l rate -d 'Send at most this many messages per second, minute or hour: 100/s, 30/m' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -s M -l window -d 'Send up to N messages before the first is acknowledged [default: 10000, at QoS 2 20, with --confirm all 100]' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l grace -d 'After SIGINT, SIGTERM or SIGHUP, wait this long for everything to be acknowledged' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l deadline -d 'End after this time, whatever is left: 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l retry-refused -d 'Once logged in, try refused credentials again for this long: the broker refuses all while its database is down. A topic that was refused, or three messages in a row to which were, each by closing the connection, is tried again after this time' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l spool -d 'Store each line on disk before it is sent, in DIR or the device\'s own folder; without a network lines wait there' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pub" -l spool-max -d 'Let the spool hold at most SIZE: 100M, 2G' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l spool-age -d 'Drop lines that have waited longer than TIME: 2d' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l spool-full -d 'When the spool or the disk is full, hold the producer back, drop the oldest lines, or fail' -r -f -a "block\t''
drop-oldest\t''
fail\t''"
complete -c i3 -n "__fish_i3_using_subcommand pub" -s L -l url -d 'Take broker, user, password and topic from mqtt(s)://[USER[:PASSWORD]@]HOST[:PORT][/TOPIC]' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -s o -l options-file -d 'Read options from FILE first, one a line, as mosquitto_pub\'s and mosquitto_sub\'s files in ~/.config have them' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pub" -s x -l session-expiry-interval -d 'With MQTT 5, have the broker keep the session for this long after the end: 3600, 2d; -1 for ever, which needs --id' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l will-topic -d 'Have the broker publish to this topic, in full, if the connection is lost' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l will-payload -d 'Have it publish this text instead of an empty message' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l will-qos -d 'Have it publish with this quality of service' -r -f -a "0\t''
1\t''
2\t''"
complete -c i3 -n "__fish_i3_using_subcommand pub" -s D -l property -d 'Send this property with CONNECT, PUBLISH, WILL or another packet; selects MQTT 5; may be repeated' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l device -d 'Log in as this device, by its full or short name [env: I3_DEVICE]' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -s u -l username -d 'Log in with this user name: a full device name, or an account\'s name' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -s P -l pw -d 'Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l pw-file -d 'Read the password or token from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pub" -l key -d 'Use the private key in FILE, which only its owner may read; \'-\' is standard input, and pkcs11:token=…;object=… a key on a token' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pub" -l passphrase-file -l pin-file -d 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pub" -l broker -d 'Connect to mqtt://HOST[:PORT], mqtts:// for TLS, ws:// or wss://HOST[:PORT][/PATH] for WebSocket [env: I3_BROKER]' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -s h -l host -d 'Connect to HOST; without a value, print this help' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -s p -l port -d 'Connect to this port' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s; with -h, also turns TLS on' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pub" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pub" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pub" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pub" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pub" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand pub" -l proxy -d 'Reach the broker by this proxy: socks5h://HOST[:PORT], or http://HOST:PORT, which has to allow CONNECT [env: I3_PROXY]' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -s A -l bind-address -d 'Connect from this address of this machine, or from the one that this name stands for' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l tls-server-name -d 'Take NAME as the name that the broker\'s certificate is for, instead of the host\'s' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l tls-alpn -d 'Ask the broker for this protocol over TLS (ALPN), such as mqtt' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l ws-header -d 'Send this header field with the handshake of a WebSocket; other users of this machine can read it' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l ws-header-file -d 'Send the header fields in FILE with it, one NAME: VALUE in each line' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pub" -s V -l protocol-version -d 'Speak this version of MQTT; I3\'s released broker speaks 3.1.1 only [default: 311]' -r -f -a "311\t'MQTT 3.1.1'
5\t'MQTT 5'"
complete -c i3 -n "__fish_i3_using_subcommand pub" -s i -l id -d 'Use this client id instead of a random one' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -s I -l id-prefix -d 'Use PREFIX and the process id as the client id' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -s k -l keepalive -d 'Send a ping after SECONDS without traffic' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l timeout -d 'Give up after this time: 10s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand pub" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand pub" -s s -l stdin-file -d 'Send all of stdin as one message, byte for byte'
complete -c i3 -n "__fish_i3_using_subcommand pub" -s n -l null-message -d 'Send an empty message; with -r it removes the retained one'
complete -c i3 -n "__fish_i3_using_subcommand pub" -s r -l retain -d 'Have the broker keep the message for later subscribers'
complete -c i3 -n "__fish_i3_using_subcommand pub" -l allow-secret -d 'Send the message although it holds a private key'
complete -c i3 -n "__fish_i3_using_subcommand pub" -s c -l disable-clean-session -d 'Have the broker keep the session of this client id; needs --id'
complete -c i3 -n "__fish_i3_using_subcommand pub" -l no-agent -d 'Publish without the agent, even if one is running'
complete -c i3 -n "__fish_i3_using_subcommand pub" -s l -l lines -d 'Send each line of stdin as a message'
complete -c i3 -n "__fish_i3_using_subcommand pub" -s 0 -l null -d 'Send each NUL-terminated piece of stdin as a message, newlines included'
complete -c i3 -n "__fish_i3_using_subcommand pub" -l topic-per-line -d 'Read lines as TOPIC, a tab, PAYLOAD'
complete -c i3 -n "__fish_i3_using_subcommand pub" -l jsonl -d 'Read lines as JSON objects: "topic", "payload" or "payload_base64", "qos", "retain"'
complete -c i3 -n "__fish_i3_using_subcommand pub" -l strict -d 'End at the first line that cannot be published'
complete -c i3 -n "__fish_i3_using_subcommand pub" -l spool-ok -d 'End with exit code 0 if the lines are safe in the spool and could not be delivered'
complete -c i3 -n "__fish_i3_using_subcommand pub" -s d -l debug -d 'Tell of every packet on standard error, besides what is being done'
complete -c i3 -n "__fish_i3_using_subcommand pub" -l nodelay -d 'Accepted as by mosquitto\'s programs: small packets are always sent at once'
complete -c i3 -n "__fish_i3_using_subcommand pub" -l will-retain -d 'Have it keep what it publishes'
complete -c i3 -n "__fish_i3_using_subcommand pub" -l pw-stdin -d 'Read the password or token from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand pub" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything; with -h, also turns TLS on'
complete -c i3 -n "__fish_i3_using_subcommand pub" -l help -d 'Print help'
complete -c i3 -n "__fish_i3_using_subcommand pub" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand pub" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand pub" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand pub" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand sub" -s t -l topic -d 'Subscribe to this topic, in full: USER/HUB/PRODUCT; may be repeated' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l hub -d 'Subscribe as a device to every product that its hub HUB has now' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l market -d 'Ask this marketplace for the topics: http://HOST[:PORT] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l api-key-file -d 'Read the API key from FILE, for --hub [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sub" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sub" -s C -d 'End after COUNT messages' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -s W -d 'End after this time: 30s, 5m' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -s q -l qos -d 'Quality of service to subscribe with' -r -f -a "0\t''
1\t''
2\t''"
complete -c i3 -n "__fish_i3_using_subcommand sub" -s U -l unsubscribe -d 'End the kept session\'s subscription to TOPIC, which an earlier run has left; may be repeated' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -s T -l filter-out -d 'Leave out messages to the topics of this filter, which may have wildcards: alice/parking/+; may be repeated' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l retry -d 'Retry up to N times if the broker cannot be reached or the connection ends before there is a subscription' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l max-message -d 'Leave out messages of more than SIZE bytes: 1000, 64K, 1M; the exit code is 65 then' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -s F -d 'Print each message in this format' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l random-filter -d 'Print each message with this chance only: 100 prints all, 0.1 one in a thousand; -C counts all' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l plot -d 'Draw the payloads, or this field of their JSON, as a live chart: .free, .lots[0].free' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l plot-png -d 'Draw the chart as a picture to FILE, again every few seconds; --plot names the field' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sub" -s L -l url -d 'Take broker, user, password and topic from mqtt(s)://[USER[:PASSWORD]@]HOST[:PORT][/TOPIC]' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -s o -l options-file -d 'Read options from FILE first, one a line, as mosquitto_pub\'s and mosquitto_sub\'s files in ~/.config have them' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sub" -s x -l session-expiry-interval -d 'With MQTT 5, have the broker keep the session for this long after the end: 3600, 2d; -1 for ever, which needs --id' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l will-topic -d 'Have the broker publish to this topic, in full, if the connection is lost' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l will-payload -d 'Have it publish this text instead of an empty message' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l will-qos -d 'Have it publish with this quality of service' -r -f -a "0\t''
1\t''
2\t''"
complete -c i3 -n "__fish_i3_using_subcommand sub" -s D -l property -d 'Send this property with CONNECT, PUBLISH, WILL or another packet; selects MQTT 5; may be repeated' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l device -d 'Log in as this device, by its full or short name [env: I3_DEVICE]' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -s u -l username -d 'Log in with this user name: a full device name, or an account\'s name' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -s P -l pw -d 'Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l pw-file -d 'Read the password or token from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sub" -l key -d 'Use the private key in FILE, which only its owner may read; \'-\' is standard input, and pkcs11:token=…;object=… a key on a token' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sub" -l passphrase-file -l pin-file -d 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sub" -l broker -d 'Connect to mqtt://HOST[:PORT], mqtts:// for TLS, ws:// or wss://HOST[:PORT][/PATH] for WebSocket [env: I3_BROKER]' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -s h -l host -d 'Connect to HOST; without a value, print this help' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -s p -l port -d 'Connect to this port' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s; with -h, also turns TLS on' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sub" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sub" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sub" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sub" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sub" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand sub" -l proxy -d 'Reach the broker by this proxy: socks5h://HOST[:PORT], or http://HOST:PORT, which has to allow CONNECT [env: I3_PROXY]' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -s A -l bind-address -d 'Connect from this address of this machine, or from the one that this name stands for' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l tls-server-name -d 'Take NAME as the name that the broker\'s certificate is for, instead of the host\'s' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l tls-alpn -d 'Ask the broker for this protocol over TLS (ALPN), such as mqtt' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l ws-header -d 'Send this header field with the handshake of a WebSocket; other users of this machine can read it' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l ws-header-file -d 'Send the header fields in FILE with it, one NAME: VALUE in each line' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sub" -s V -l protocol-version -d 'Speak this version of MQTT; I3\'s released broker speaks 3.1.1 only [default: 311]' -r -f -a "311\t'MQTT 3.1.1'
5\t'MQTT 5'"
complete -c i3 -n "__fish_i3_using_subcommand sub" -s i -l id -d 'Use this client id instead of a random one' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -s I -l id-prefix -d 'Use PREFIX and the process id as the client id' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -s k -l keepalive -d 'Send a ping after SECONDS without traffic' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l timeout -d 'Give up after this time: 10s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sub" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand sub" -l purchased -d 'Subscribe as a buyer to every product that this account has bought'
complete -c i3 -n "__fish_i3_using_subcommand sub" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand sub" -s R -d 'Leave out retained messages, which the broker kept from earlier'
complete -c i3 -n "__fish_i3_using_subcommand sub" -l retained-only -d 'Print retained messages, and end when the broker has sent them'
complete -c i3 -n "__fish_i3_using_subcommand sub" -s c -l keep-session -d 'Have the broker keep what comes while this id is away, even after the end; needs --id and -q 1 or 2'
complete -c i3 -n "__fish_i3_using_subcommand sub" -l remove-retained -d 'Have the broker remove each retained message once it has come; needs a device that may write the topic'
complete -c i3 -n "__fish_i3_using_subcommand sub" -l retain-as-published -d 'With MQTT 5, take messages with the retain flag that they were published with'
complete -c i3 -n "__fish_i3_using_subcommand sub" -s E -d 'End as soon as the broker has granted the subscription: with -c it keeps messages from then on'
complete -c i3 -n "__fish_i3_using_subcommand sub" -l raw -d 'Print messages to a terminal as they are, control characters included'
complete -c i3 -n "__fish_i3_using_subcommand sub" -s N -d 'Print no newline after a message'
complete -c i3 -n "__fish_i3_using_subcommand sub" -l pretty -d 'Print JSON, of --json and of %j and %J, with line breaks and tabs'
complete -c i3 -n "__fish_i3_using_subcommand sub" -s d -l debug -d 'Tell of every packet on standard error, besides what is being done'
complete -c i3 -n "__fish_i3_using_subcommand sub" -l nodelay -d 'Accepted as by mosquitto\'s programs: small packets are always sent at once'
complete -c i3 -n "__fish_i3_using_subcommand sub" -l will-retain -d 'Have it keep what it publishes'
complete -c i3 -n "__fish_i3_using_subcommand sub" -l pw-stdin -d 'Read the password or token from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand sub" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything; with -h, also turns TLS on'
complete -c i3 -n "__fish_i3_using_subcommand sub" -l help -d 'Print help'
complete -c i3 -n "__fish_i3_using_subcommand sub" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand sub" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand sub" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand sub" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand spool; and not __fish_seen_subcommand_from status drain export purge help" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and not __fish_seen_subcommand_from status drain export purge help" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and not __fish_seen_subcommand_from status drain export purge help" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand spool; and not __fish_seen_subcommand_from status drain export purge help" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand spool; and not __fish_seen_subcommand_from status drain export purge help" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand spool; and not __fish_seen_subcommand_from status drain export purge help" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand spool; and not __fish_seen_subcommand_from status drain export purge help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand spool; and not __fish_seen_subcommand_from status drain export purge help" -f -a "status" -d 'Show how many lines wait and since when, what was dropped, and whether a process drains the spool'
complete -c i3 -n "__fish_i3_using_subcommand spool; and not __fish_seen_subcommand_from status drain export purge help" -f -a "drain" -d 'Publish what is in the spool, oldest first'
complete -c i3 -n "__fish_i3_using_subcommand spool; and not __fish_seen_subcommand_from status drain export purge help" -f -a "export" -d 'Print the waiting lines, oldest first, or write them to a file; they stay in the spool'
complete -c i3 -n "__fish_i3_using_subcommand spool; and not __fish_seen_subcommand_from status drain export purge help" -f -a "purge" -d 'Throw away waiting lines: those of a topic, those that are too old, one, or all'
complete -c i3 -n "__fish_i3_using_subcommand spool; and not __fish_seen_subcommand_from status drain export purge help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from status" -l device -d 'The same as DEVICE; \'pub\' and \'sub\' take it this way' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from status" -l spool -d 'Use the spool in DIR instead of the device\'s own' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from status" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from status" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from status" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from status" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from status" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l spool -d 'Drain the spool in DIR, not the device\'s own' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l confirm -d 'Prove delivery of the first message to each topic, of all, or of none' -r -f -a "first\t''
all\t''
none\t''"
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l retry -d 'Retry up to N times if the broker cannot be reached' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l rejects -d 'Move what cannot be published to FILE, as lines that `i3 pub --jsonl` reads' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l window -d 'Send up to N messages before the first is acknowledged [default: 10000, at QoS 2 20, with --confirm all 100]' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l rate -d 'Send at most this many messages per second, minute or hour: 100/s, 30/m' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l grace -d 'After SIGINT, SIGTERM or SIGHUP, wait this long for everything to be acknowledged' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l deadline -d 'End after this time, whatever is left: 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l retry-refused -d 'Once logged in, try refused credentials again for this long: the broker refuses all while its database is down. A topic that was refused, or three messages in a row to which were, each by closing the connection, is tried again after this time' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l device -d 'Log in as this device, by its full or short name [env: I3_DEVICE]' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -s u -l username -d 'Log in with this user name: a full device name, or an account\'s name' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -s P -l pw -d 'Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l pw-file -d 'Read the password or token from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l key -d 'Use the private key in FILE, which only its owner may read; \'-\' is standard input, and pkcs11:token=…;object=… a key on a token' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l passphrase-file -l pin-file -d 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l broker -d 'Connect to mqtt://HOST[:PORT], mqtts:// for TLS, ws:// or wss://HOST[:PORT][/PATH] for WebSocket [env: I3_BROKER]' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -s h -l host -d 'Connect to HOST; without a value, print this help' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -s p -l port -d 'Connect to this port' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s; with -h, also turns TLS on' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l proxy -d 'Reach the broker by this proxy: socks5h://HOST[:PORT], or http://HOST:PORT, which has to allow CONNECT [env: I3_PROXY]' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -s A -l bind-address -d 'Connect from this address of this machine, or from the one that this name stands for' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l tls-server-name -d 'Take NAME as the name that the broker\'s certificate is for, instead of the host\'s' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l tls-alpn -d 'Ask the broker for this protocol over TLS (ALPN), such as mqtt' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l ws-header -d 'Send this header field with the handshake of a WebSocket; other users of this machine can read it' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l ws-header-file -d 'Send the header fields in FILE with it, one NAME: VALUE in each line' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -s V -l protocol-version -d 'Speak this version of MQTT; I3\'s released broker speaks 3.1.1 only [default: 311]' -r -f -a "311\t'MQTT 3.1.1'
5\t'MQTT 5'"
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -s i -l id -d 'Use this client id instead of a random one' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -s I -l id-prefix -d 'Use PREFIX and the process id as the client id' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -s k -l keepalive -d 'Send a ping after SECONDS without traffic' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l timeout -d 'Give up after this time: 10s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l stamp -d 'With -V 5, add the time at which a message was taken, in the user property "time"'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l pw-stdin -d 'Read the password or token from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything; with -h, also turns TLS on'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l help -d 'Print help'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from drain" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from export" -l device -d 'The same as DEVICE; \'pub\' and \'sub\' take it this way' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from export" -l spool -d 'Use the spool in DIR instead of the device\'s own' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from export" -l record -d 'Export only record N, as numbered in an error message' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from export" -l format -d 'Write lines in this format' -r -f -a "jsonl\t'One JSON object per line, as `i3 pub --jsonl` reads it: nothing is lost'
lines\t'Only the payloads, as `i3 pub -l` reads them'"
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from export" -l out -d 'Write lines to FILE, which must not exist' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from export" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from export" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from export" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from export" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from export" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from purge" -l device -d 'The same as DEVICE; \'pub\' and \'sub\' take it this way' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from purge" -l spool -d 'Use the spool in DIR instead of the device\'s own' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from purge" -l topic -d 'Throw away lines for this topic' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from purge" -l older-than -d 'Throw away lines that were taken longer ago: 90s, 2h, 7d' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from purge" -l record -d 'Throw away only record N, as numbered in an error message' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from purge" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from purge" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from purge" -l all -d 'Throw everything away'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from purge" -l yes -d 'Do not ask for confirmation'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from purge" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from purge" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from purge" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from purge" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from purge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show how many lines wait and since when, what was dropped, and whether a process drains the spool'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from help" -f -a "drain" -d 'Publish what is in the spool, oldest first'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from help" -f -a "export" -d 'Print the waiting lines, oldest first, or write them to a file; they stay in the spool'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from help" -f -a "purge" -d 'Throw away waiting lines: those of a topic, those that are too old, one, or all'
complete -c i3 -n "__fish_i3_using_subcommand spool; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand agent; and not __fish_seen_subcommand_from status stop help" -l idle -d 'Close a connection over which nothing was published for this time' -r
complete -c i3 -n "__fish_i3_using_subcommand agent; and not __fish_seen_subcommand_from status stop help" -l log-format -d 'Write notes, warnings and errors as text, or as one JSON object on each line' -r -f -a "text\t''
json\t''"
complete -c i3 -n "__fish_i3_using_subcommand agent; and not __fish_seen_subcommand_from status stop help" -l stats -d 'Log the tally this often, such as 60s; SIGUSR1 logs it at once' -r
complete -c i3 -n "__fish_i3_using_subcommand agent; and not __fish_seen_subcommand_from status stop help" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand agent; and not __fish_seen_subcommand_from status stop help" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand agent; and not __fish_seen_subcommand_from status stop help" -l background -d 'Continue in the background once callers are accepted'
complete -c i3 -n "__fish_i3_using_subcommand agent; and not __fish_seen_subcommand_from status stop help" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand agent; and not __fish_seen_subcommand_from status stop help" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand agent; and not __fish_seen_subcommand_from status stop help" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand agent; and not __fish_seen_subcommand_from status stop help" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand agent; and not __fish_seen_subcommand_from status stop help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand agent; and not __fish_seen_subcommand_from status stop help" -f -a "status" -d 'Show the devices that the agent publishes as'
complete -c i3 -n "__fish_i3_using_subcommand agent; and not __fish_seen_subcommand_from status stop help" -f -a "stop" -d 'End the agent after what is on its way'
complete -c i3 -n "__fish_i3_using_subcommand agent; and not __fish_seen_subcommand_from status stop help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from status" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from status" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from status" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from status" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from status" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from stop" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from stop" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from stop" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from stop" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from stop" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from stop" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from help" -f -a "status" -d 'Show the devices that the agent publishes as'
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from help" -f -a "stop" -d 'End the agent after what is on its way'
complete -c i3 -n "__fish_i3_using_subcommand agent; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l log-ins -d 'Log in at I3\'s broker at most so often, over all devices: it serves nobody while it checks a token' -r
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l idle -d 'Close a device\'s connection over which nothing was published for this time' -r
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l confirm -d 'Which messages must come back, as proof that they were delivered' -r -f -a "first\t''
all\t''
none\t''"
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l timeout -d 'Wait this long for an acknowledgement, an echo or an answer' -r
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l grace -d 'At the end, wait this long for what is on its way' -r
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l retry-refused -d 'Try refused credentials that have worked again for this long, and a topic that was refused after this time' -r
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l spool -d 'Store each message on disk before it is published, in a folder of DIR or the device\'s own: for sources that keep nothing, such as messages at QoS 0' -r -F
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l spool-max -d 'Let the spool of a device hold at most SIZE, such as 100M; then its sources are held back' -r
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l log-format -d 'Write notes, warnings and errors as text, or as one JSON object on each line' -r -f -a "text\t''
json\t''"
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l stats -d 'Log the tally this often, such as 60s; SIGUSR1 logs it at once' -r
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l metrics -d 'Serve metrics for Prometheus at http://ADDR/metrics; a port alone is one of loopback, 0 any free one' -r
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -a "check" -d 'Explain what a gateway would do with FILE, without connecting to anything'
complete -c i3 -n "__fish_i3_using_subcommand gateway; and not __fish_seen_subcommand_from check help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand gateway; and __fish_seen_subcommand_from check" -l topic -d 'Show what becomes of a message with this topic, or NATS subject, at its source' -r
complete -c i3 -n "__fish_i3_using_subcommand gateway; and __fish_seen_subcommand_from check" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand gateway; and __fish_seen_subcommand_from check" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand gateway; and __fish_seen_subcommand_from check" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand gateway; and __fish_seen_subcommand_from check" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand gateway; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand gateway; and __fish_seen_subcommand_from check" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand gateway; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand gateway; and __fish_seen_subcommand_from help" -f -a "check" -d 'Explain what a gateway would do with FILE, without connecting to anything'
complete -c i3 -n "__fish_i3_using_subcommand gateway; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand config; and not __fish_seen_subcommand_from path get set unset list check help" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand config; and not __fish_seen_subcommand_from path get set unset list check help" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand config; and not __fish_seen_subcommand_from path get set unset list check help" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand config; and not __fish_seen_subcommand_from path get set unset list check help" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand config; and not __fish_seen_subcommand_from path get set unset list check help" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand config; and not __fish_seen_subcommand_from path get set unset list check help" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand config; and not __fish_seen_subcommand_from path get set unset list check help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand config; and not __fish_seen_subcommand_from path get set unset list check help" -f -a "path" -d 'Print the path of the config file that \'config set\' writes'
complete -c i3 -n "__fish_i3_using_subcommand config; and not __fish_seen_subcommand_from path get set unset list check help" -f -a "get" -d 'Print a setting as the commands would use it'
complete -c i3 -n "__fish_i3_using_subcommand config; and not __fish_seen_subcommand_from path get set unset list check help" -f -a "set" -d 'Set a key in the config file'
complete -c i3 -n "__fish_i3_using_subcommand config; and not __fish_seen_subcommand_from path get set unset list check help" -f -a "unset" -d 'Remove a key from the config file'
complete -c i3 -n "__fish_i3_using_subcommand config; and not __fish_seen_subcommand_from path get set unset list check help" -f -a "list" -d 'List what is set: key, value and where it comes from'
complete -c i3 -n "__fish_i3_using_subcommand config; and not __fish_seen_subcommand_from path get set unset list check help" -f -a "check" -d 'Check the config files: their keys, addresses, names, and the files that they name'
complete -c i3 -n "__fish_i3_using_subcommand config; and not __fish_seen_subcommand_from path get set unset list check help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from path" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from path" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from path" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from path" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from get" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from get" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from get" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from get" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from get" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from set" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from set" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from set" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from set" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from set" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from unset" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from unset" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from unset" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from unset" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from unset" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from unset" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from unset" -s h -l help -d 'Print help'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from list" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from list" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from list" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from list" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from list" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from check" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from check" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from check" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from check" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from check" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "path" -d 'Print the path of the config file that \'config set\' writes'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "get" -d 'Print a setting as the commands would use it'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "set" -d 'Set a key in the config file'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "unset" -d 'Remove a key from the config file'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "list" -d 'List what is set: key, value and where it comes from'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "check" -d 'Check the config files: their keys, addresses, names, and the files that they name'
complete -c i3 -n "__fish_i3_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l device -d 'The same as DEVICE; \'pub\' and \'sub\' take it this way' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -s t -l topic -d 'Examine whether the device can use this topic; by default, the only product of its hub' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l probe-message -d 'Publish this message to the topic, which its buyers see' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -s i -l id -d 'Try this client id as well; this disconnects a client that uses it' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l key -d 'Use the private key in FILE, which only its owner may read; \'-\' is standard input, and pkcs11:token=…;object=… a key on a token' -r -F
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l passphrase-file -l pin-file -d 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l pw-file -d 'Log in with the password or token in FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l broker -d 'Examine this broker: mqtt://HOST[:PORT], mqtts:// for TLS, ws:// or wss://HOST[:PORT][/PATH] for WebSocket [env: I3_BROKER]' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l proxy -d 'Reach the broker by this proxy: socks5h://HOST[:PORT], or http://HOST:PORT, which has to allow CONNECT [env: I3_PROXY]' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -s A -l bind-address -d 'Connect from this address of this machine, or from the one that this name stands for' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l tls-server-name -d 'Take NAME as the name that the broker\'s certificate is for, instead of the host\'s' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l tls-alpn -d 'Ask the broker for this protocol over TLS (ALPN), such as mqtt' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l ws-header -d 'Send this header field with the handshake of a WebSocket; other users of this machine can read it' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l ws-header-file -d 'Send the header fields in FILE with it, one NAME: VALUE in each line' -r -F
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l buyer -d 'Check that this account, which bought the topic, receives the message [env: I3_BUYER]' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l buyer-pw-file -d 'Read the buyer\'s broker password from FILE [env: I3_BUYER_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l market -d 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l cafile -d 'Trust the certificates in FILE (PEM or DER) instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l capath -d 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system\'s' -r -F
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l cert -d 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one' -r -F
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l cert-key -d 'Use the private key in FILE for --cert, if it is not in the same file; never a device\'s key' -r -F
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l cert-key-passphrase-file -d 'Read the passphrase of --cert-key from FILE' -r -F
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l tls-version -d 'Speak this version of TLS only' -r -f -a "tlsv1.2\t''
tlsv1.3\t''"
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l timeout -d 'Give up a request after this time: 30s, 1m' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l deadline -d 'Give up once all requests to the marketplace together have taken this time: 10m, 1h' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l max-download -d 'Give up once the marketplace has sent this much in all: 64M, 1G' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l via -d 'Use the REST API, the log-in form, or whichever works' -r -f -a "auto\t''
rest\t''
web\t''"
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l api-key-file -d 'Read the API key from FILE [env: I3_API_KEY]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l user -d 'Log in to the forms as this user [env: I3_USER]' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l login-password-file -d 'Read the user\'s log-in password from FILE [env: I3_LOGIN_PASSWORD]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l offline -d 'Run only the checks that need no network'
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l publish -d 'Publish a message to the topic, which its buyers see'
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l fix -d 'Fix what can safely be fixed, and check again'
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l yes -d 'With --fix, change the marketplace without asking'
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l insecure -d 'Accept any certificate: anyone on the way can read and change everything'
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l login-password-stdin -d 'Read the user\'s log-in password from stdin, at a terminal without showing it'
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand doctor" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand doctor" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand explain" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand explain" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand explain" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand explain" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand explain" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand explain" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l state -d 'Keep accounts, hubs, products and devices in FILE from one start to the next' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l devices -d 'Register N devices of alice/parking, bay1 to bayN, and configure them' -r
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l market-port -d 'Listen on this port for the marketplace; 0 is any free port' -r
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l broker-port -d 'Listen on this port for the broker; 0 is any free port' -r
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l house-port -d 'Listen on this port for the broker of --house; 0 is any free port' -r
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l permission-cache -d 'Let the broker remember permissions for this time' -r
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l token-cost -d 'Let each log-in by token block all clients of the broker for this time' -r
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l background -d 'Continue in the background once everything answers'
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l house -d 'Run a plain MQTT broker as well, in place of the one in a seller\'s house'
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l no-rest -d 'Leave out the REST endpoints for devices and hubs, as the released I3-Core does'
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l no-mqtt5 -d 'Answer MQTT 5 with CONNACK 1, as the released broker does'
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l mail-down -d 'Simulate a broken mail server: whatever creates something answers 500'
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand sandbox" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand demo; and not __fish_seen_subcommand_from gateway help" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand demo; and not __fish_seen_subcommand_from gateway help" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand demo; and not __fish_seen_subcommand_from gateway help" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand demo; and not __fish_seen_subcommand_from gateway help" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand demo; and not __fish_seen_subcommand_from gateway help" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand demo; and not __fish_seen_subcommand_from gateway help" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand demo; and not __fish_seen_subcommand_from gateway help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand demo; and not __fish_seen_subcommand_from gateway help" -f -a "gateway" -d 'Show a gateway at work: from the broker of a house to the buyer\'s screen, and what becomes of a message that I3 refuses'
complete -c i3 -n "__fish_i3_using_subcommand demo; and not __fish_seen_subcommand_from gateway help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand demo; and __fish_seen_subcommand_from gateway" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand demo; and __fish_seen_subcommand_from gateway" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand demo; and __fish_seen_subcommand_from gateway" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand demo; and __fish_seen_subcommand_from gateway" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand demo; and __fish_seen_subcommand_from gateway" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand demo; and __fish_seen_subcommand_from gateway" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand demo; and __fish_seen_subcommand_from gateway" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand demo; and __fish_seen_subcommand_from help" -f -a "gateway" -d 'Show a gateway at work: from the broker of a house to the buyer\'s screen, and what becomes of a message that I3 refuses'
complete -c i3 -n "__fish_i3_using_subcommand demo; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand completions" -l config -d 'Read FILE as the configuration instead of the user\'s [env: I3_CONFIG]' -r -F
complete -c i3 -n "__fish_i3_using_subcommand completions" -l profile -d 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]' -r
complete -c i3 -n "__fish_i3_using_subcommand completions" -l json -d 'Print results, and errors, as JSON'
complete -c i3 -n "__fish_i3_using_subcommand completions" -l quiet -d 'Say nothing but warnings and errors'
complete -c i3 -n "__fish_i3_using_subcommand completions" -s v -l verbose -d 'Say what is being done'
complete -c i3 -n "__fish_i3_using_subcommand completions" -l allow-loose-permissions -d 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
complete -c i3 -n "__fish_i3_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "keygen" -d 'Make an RSA key pair, and print the public key body as I3\'s form needs it'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "pubkey" -d 'Print the public half of a private key'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "signup" -d 'Create an account at the marketplace and log in with it'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "login" -d 'Log in at the marketplace, and keep the API key and the session for the other commands'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "logout" -d 'Remove the API key and the session that \'login\' kept for a marketplace'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "whoami" -d 'Show your user name in the case in which the marketplace stores it'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "hub" -d 'List and create hubs: what products and devices belong to'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "product" -d 'List, show, search, create, edit and delete products: the topics that are sold'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "device" -d 'List, show, delete and repair devices at the marketplace, give them another password or key, and configure them here'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "import" -d 'Take over what the files of the I3-SDK say: the device, its password, the broker'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "register" -d 'Register a device with the marketplace, and prove that it can log in'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "request" -d 'List, approve and decline requests for restricted products'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "sales" -d 'List what you sold: topic, buyer, quantity, amount and time of each sale'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "purchases" -d 'List what you bought: topic, seller, quantity, amount and time of each purchase'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "notifications" -d 'List what the marketplace notified you of; mark as read, archive, and print the broker password'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "buy" -d 'Buy a product: this costs money'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "token" -d 'Print a time-limited token that logs the device in'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "pub" -d 'Publish a message, or each line of stdin, and say whether it arrived'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "sub" -d 'Print what arrives at a topic, as its buyer sees it, or draw it'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "spool" -d 'Look at lines that wait on disk, send them, save them, or throw them away'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "agent" -d 'Keep one connection for each device, which every \'i3 pub\' of this user then publishes over'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "gateway" -d 'Take messages from MQTT brokers and NATS streams, and publish them as your devices'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "config" -d 'Show, change and check the configuration'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "doctor" -d 'Find out why a device\'s messages do not arrive, and how to fix it'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "explain" -d 'Explain a code, an exit status or an error message of I3, the broker or this program'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "sandbox" -d 'Run an I3 on this machine: marketplace and broker, with a seller, a buyer, a hub and a product'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "demo" -d 'Run a demonstration on a sandbox: key, device, token, message, the buyer\'s screen, and what is refused'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c i3 -n "__fish_i3_using_subcommand help; and not __fish_seen_subcommand_from keygen pubkey signup login logout whoami hub product device import register request sales purchases notifications buy token pub sub spool agent gateway config doctor explain sandbox demo completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from hub" -f -a "list" -d 'List your hubs, one full name per line'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from hub" -f -a "create" -d 'Create a hub and check that it exists'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from product" -f -a "list" -d 'List your products: topic, price, type and description, between tabs'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from product" -f -a "show" -d 'Show a product, with everything that the marketplace shows of it'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from product" -f -a "search" -d 'Search the products of all sellers: topic, price, type and description, between tabs'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from product" -f -a "create" -d 'Create a product and check that it exists'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from product" -f -a "edit" -d 'Change a product of yours, and check that it is changed'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from product" -f -a "repair" -d 'Save a product again as it is: this grants the devices of its hub the permissions that they lack'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from product" -f -a "delete" -d 'Delete a product of yours with its sales history, and check that it is gone'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from device" -f -a "list" -d 'List your devices at the marketplace, one full name per line'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from device" -f -a "show" -d 'Show a device: its number at the marketplace, its namesakes, and its key or password file here'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from device" -f -a "delete" -d 'Delete a device at the marketplace, and check that it is gone'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from device" -f -a "add" -d 'Add a device that is already registered to the configuration'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from device" -f -a "export" -d 'Print devices of the configuration as TOML tables, which \'device import\' reads'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from device" -f -a "import" -d 'Add the devices of TOML tables to the configuration, as \'device export\' prints them'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from device" -f -a "passwd" -d 'Give a device another password or key at the marketplace, and prove that it logs in'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from device" -f -a "rotate" -d 'Give a device a new key pair, or a new password, and prove it before the old one is replaced'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from device" -f -a "repair" -d 'Replace a device that cannot log in: delete every row of its name, and register it once'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "list" -d 'List the requests that wait for a decision, the oldest first'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "approve" -d 'Approve a request: its buyer may use the topic from then on'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from request" -f -a "decline" -d 'Decline a request: its buyer gets no access'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from notifications" -f -a "list" -d 'List the notifications that are not archived'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from notifications" -f -a "read" -d 'Mark notifications as read'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from notifications" -f -a "archive" -d 'Archive notifications: the marketplace no longer shows them and cannot restore them'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from notifications" -f -a "broker-password" -d 'Print the broker password: a buyer\'s account logs in to the broker with it'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from spool" -f -a "status" -d 'Show how many lines wait and since when, what was dropped, and whether a process drains the spool'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from spool" -f -a "drain" -d 'Publish what is in the spool, oldest first'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from spool" -f -a "export" -d 'Print the waiting lines, oldest first, or write them to a file; they stay in the spool'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from spool" -f -a "purge" -d 'Throw away waiting lines: those of a topic, those that are too old, one, or all'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from agent" -f -a "status" -d 'Show the devices that the agent publishes as'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from agent" -f -a "stop" -d 'End the agent after what is on its way'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from gateway" -f -a "check" -d 'Explain what a gateway would do with FILE, without connecting to anything'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "path" -d 'Print the path of the config file that \'config set\' writes'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "get" -d 'Print a setting as the commands would use it'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "set" -d 'Set a key in the config file'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "unset" -d 'Remove a key from the config file'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "list" -d 'List what is set: key, value and where it comes from'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "check" -d 'Check the config files: their keys, addresses, names, and the files that they name'
complete -c i3 -n "__fish_i3_using_subcommand help; and __fish_seen_subcommand_from demo" -f -a "gateway" -d 'Show a gateway at work: from the broker of a house to the buyer\'s screen, and what becomes of a message that I3 refuses'
