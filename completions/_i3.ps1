
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'i3' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'i3'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'i3' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('keygen', 'keygen', [CompletionResultType]::ParameterValue, 'Make an RSA key pair, and print the public key body as I3''s form needs it')
            [CompletionResult]::new('pubkey', 'pubkey', [CompletionResultType]::ParameterValue, 'Print the public half of a private key')
            [CompletionResult]::new('signup', 'signup', [CompletionResultType]::ParameterValue, 'Create an account at the marketplace and log in with it')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in at the marketplace, and keep the API key and the session for the other commands')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Remove the API key and the session that ''login'' kept for a marketplace')
            [CompletionResult]::new('whoami', 'whoami', [CompletionResultType]::ParameterValue, 'Show your user name in the case in which the marketplace stores it')
            [CompletionResult]::new('hub', 'hub', [CompletionResultType]::ParameterValue, 'List and create hubs: what products and devices belong to')
            [CompletionResult]::new('product', 'product', [CompletionResultType]::ParameterValue, 'List, show, search, create, edit and delete products: the topics that are sold')
            [CompletionResult]::new('device', 'device', [CompletionResultType]::ParameterValue, 'List, show, delete and repair devices at the marketplace, give them another password or key, and configure them here')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Take over what the files of the I3-SDK say: the device, its password, the broker')
            [CompletionResult]::new('register', 'register', [CompletionResultType]::ParameterValue, 'Register a device with the marketplace, and prove that it can log in')
            [CompletionResult]::new('request', 'request', [CompletionResultType]::ParameterValue, 'List, approve and decline requests for restricted products')
            [CompletionResult]::new('sales', 'sales', [CompletionResultType]::ParameterValue, 'List what you sold: topic, buyer, quantity, amount and time of each sale')
            [CompletionResult]::new('purchases', 'purchases', [CompletionResultType]::ParameterValue, 'List what you bought: topic, seller, quantity, amount and time of each purchase')
            [CompletionResult]::new('notifications', 'notifications', [CompletionResultType]::ParameterValue, 'List what the marketplace notified you of; mark as read, archive, and print the broker password')
            [CompletionResult]::new('buy', 'buy', [CompletionResultType]::ParameterValue, 'Buy a product: this costs money')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Print a time-limited token that logs the device in')
            [CompletionResult]::new('pub', 'pub', [CompletionResultType]::ParameterValue, 'Publish a message, or each line of stdin, and say whether it arrived')
            [CompletionResult]::new('sub', 'sub', [CompletionResultType]::ParameterValue, 'Print what arrives at a topic, as its buyer sees it, or draw it')
            [CompletionResult]::new('spool', 'spool', [CompletionResultType]::ParameterValue, 'Look at lines that wait on disk, send them, save them, or throw them away')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'Keep one connection for each device, which every ''i3 pub'' of this user then publishes over')
            [CompletionResult]::new('gateway', 'gateway', [CompletionResultType]::ParameterValue, 'Take messages from MQTT brokers and NATS streams, and publish them as your devices')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show, change and check the configuration')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Find out why a device''s messages do not arrive, and how to fix it')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain a code, an exit status or an error message of I3, the broker or this program')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Run an I3 on this machine: marketplace and broker, with a seller, a buyer, a hub and a product')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Run a demonstration on a sandbox: key, device, token, message, the buyer''s screen, and what is refused')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;keygen' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'The same as NAME; ''pub'' and ''sub'' take it this way')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the private key to FILE instead')
            [CompletionResult]::new('--bits', '--bits', [CompletionResultType]::ParameterName, 'Make a modulus of N bits; over 2696 the public half does not fit I3''s form')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Encrypt the private key with the passphrase in FILE')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace an existing pair; asks if a device that is configured logs in with it')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--ask-passphrase', '--ask-passphrase', [CompletionResultType]::ParameterName, 'Encrypt the private key with a passphrase that is typed, twice')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;pubkey' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'The same as DEVICE; ''pub'' and ''sub'' take it this way')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Use the private key in FILE, which only its owner may read; ''-'' is standard input, and pkcs11:token=…;object=… a key on a token')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print it in this form')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;signup' {
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Create the account for selling, for buying, or for both')
            [CompletionResult]::new('--email', '--email', [CompletionResultType]::ParameterName, 'Let the marketplace send mail to this address; without one it sends none')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;login' {
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;logout' {
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;whoami' {
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;hub' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List your hubs, one full name per line')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a hub and check that it exists')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;hub;list' {
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;hub;create' {
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--private', '--private', [CompletionResultType]::ParameterName, 'Hide it from other users')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;hub;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List your hubs, one full name per line')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a hub and check that it exists')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;hub;help;list' {
            break
        }
        'i3;hub;help;create' {
            break
        }
        'i3;hub;help;help' {
            break
        }
        'i3;product' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List your products: topic, price, type and description, between tabs')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a product, with everything that the marketplace shows of it')
            [CompletionResult]::new('search', 'search', [CompletionResultType]::ParameterValue, 'Search the products of all sellers: topic, price, type and description, between tabs')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a product and check that it exists')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Change a product of yours, and check that it is changed')
            [CompletionResult]::new('repair', 'repair', [CompletionResultType]::ParameterValue, 'Save a product again as it is: this grants the devices of its hub the permissions that they lack')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a product of yours with its sales history, and check that it is gone')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;product;list' {
            [CompletionResult]::new('--hub', '--hub', [CompletionResultType]::ParameterName, 'List only products of this hub: a short or full name')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;product;show' {
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;product;search' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Find the product with this topic')
            [CompletionResult]::new('--seller', '--seller', [CompletionResultType]::ParameterName, 'Find products of this seller')
            [CompletionResult]::new('--hub', '--hub', [CompletionResultType]::ParameterName, 'Find products of this hub: USER/HUB')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Find products of this type')
            [CompletionResult]::new('--restricted', '--restricted', [CompletionResultType]::ParameterName, 'Find products that are restricted, or those that are not')
            [CompletionResult]::new('--description-contains', '--description-contains', [CompletionResultType]::ParameterName, 'Find products with this text in the description')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Find the product with this number')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;product;create' {
            [CompletionResult]::new('--hub', '--hub', [CompletionResultType]::ParameterName, 'Put it into this hub of yours: a short or full name')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'Describe what is sold')
            [CompletionResult]::new('--price', '--price', [CompletionResultType]::ParameterName, 'Sell it at this price: over 1 and under 100, with at most 2 decimals')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Say what its buyers do: read, write, or both')
            [CompletionResult]::new('--sale-price', '--sale-price', [CompletionResultType]::ParameterName, 'Sell it at this price for the time being: over 0 and under 100, with at most 2 decimals')
            [CompletionResult]::new('--latitude', '--latitude', [CompletionResultType]::ParameterName, 'Say where it is: degrees north, with at most 4 decimals')
            [CompletionResult]::new('--longitude', '--longitude', [CompletionResultType]::ParameterName, 'Say where it is: degrees east, with at most 4 decimals')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--restricted', '--restricted', [CompletionResultType]::ParameterName, 'Require your approval for each purchase')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;product;edit' {
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Choose the product with this number if several have the same topic')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'Describe what is sold')
            [CompletionResult]::new('--price', '--price', [CompletionResultType]::ParameterName, 'Sell it at this price: over 1 and under 100, with at most 2 decimals')
            [CompletionResult]::new('--sale-price', '--sale-price', [CompletionResultType]::ParameterName, 'Sell it at this price for the time being: over 0 and under 100, with at most 2 decimals')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'Say what its buyers do: read, write, or both')
            [CompletionResult]::new('--latitude', '--latitude', [CompletionResultType]::ParameterName, 'Say where it is: degrees north, with at most 4 decimals')
            [CompletionResult]::new('--longitude', '--longitude', [CompletionResultType]::ParameterName, 'Say where it is: degrees east, with at most 4 decimals')
            [CompletionResult]::new('--picture', '--picture', [CompletionResultType]::ParameterName, 'Show this picture (PNG, JPEG or GIF); it can be replaced, but not removed')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--no-sale', '--no-sale', [CompletionResultType]::ParameterName, 'End the sale; the sale price is kept')
            [CompletionResult]::new('--restricted', '--restricted', [CompletionResultType]::ParameterName, 'Require your approval for each purchase')
            [CompletionResult]::new('--unrestricted', '--unrestricted', [CompletionResultType]::ParameterName, 'Let anyone buy it without your approval')
            [CompletionResult]::new('--no-position', '--no-position', [CompletionResultType]::ParameterName, 'Remove its position')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;product;repair' {
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Choose the product with this number if several have the same topic')
            [CompletionResult]::new('--title', '--title', [CompletionResultType]::ParameterName, 'Give it this topic: the one that its devices publish to')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask before changing the topic, and move the product to the topic''s hub if it is in another')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;product;delete' {
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Choose the product with this number if several have the same topic')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;product;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List your products: topic, price, type and description, between tabs')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a product, with everything that the marketplace shows of it')
            [CompletionResult]::new('search', 'search', [CompletionResultType]::ParameterValue, 'Search the products of all sellers: topic, price, type and description, between tabs')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a product and check that it exists')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Change a product of yours, and check that it is changed')
            [CompletionResult]::new('repair', 'repair', [CompletionResultType]::ParameterValue, 'Save a product again as it is: this grants the devices of its hub the permissions that they lack')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a product of yours with its sales history, and check that it is gone')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;product;help;list' {
            break
        }
        'i3;product;help;show' {
            break
        }
        'i3;product;help;search' {
            break
        }
        'i3;product;help;create' {
            break
        }
        'i3;product;help;edit' {
            break
        }
        'i3;product;help;repair' {
            break
        }
        'i3;product;help;delete' {
            break
        }
        'i3;product;help;help' {
            break
        }
        'i3;device' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List your devices at the marketplace, one full name per line')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a device: its number at the marketplace, its namesakes, and its key or password file here')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a device at the marketplace, and check that it is gone')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a device that is already registered to the configuration')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print devices of the configuration as TOML tables, which ''device import'' reads')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Add the devices of TOML tables to the configuration, as ''device export'' prints them')
            [CompletionResult]::new('passwd', 'passwd', [CompletionResultType]::ParameterValue, 'Give a device another password or key at the marketplace, and prove that it logs in')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give a device a new key pair, or a new password, and prove it before the old one is replaced')
            [CompletionResult]::new('repair', 'repair', [CompletionResultType]::ParameterValue, 'Replace a device that cannot log in: delete every row of its name, and register it once')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;device;list' {
            [CompletionResult]::new('--hub', '--hub', [CompletionResultType]::ParameterName, 'List only the devices of this hub, by its short or full name')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;device;show' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'The same as DEVICE; ''pub'' and ''sub'' take it this way')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;device;delete' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'The same as DEVICE; ''pub'' and ''sub'' take it this way')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Delete the device with this number, if the name exists more than once')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;device;add' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'The same as DEVICE; ''pub'' and ''sub'' take it this way')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Let it log in with the private key in FILE, which only its owner can read')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Let it log in with the password in FILE, which only its owner can read')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Name the marketplace that it is registered with; without this, the one in use [env: I3_MARKET]')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'Let it have this broker of its own')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace what is configured of the device')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;device;export' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Export this one, too')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write to FILE, which must not exist and which only you can read, instead of stdout')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--with-secrets', '--with-secrets', [CompletionResultType]::ParameterName, 'Export keys and passwords too, to the file of --out')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;device;import' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace what is configured of a device')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;device;passwd' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'The same as DEVICE; ''pub'' and ''sub'' take it this way')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Use the private key in FILE, which only its owner may read; ''-'' is standard input, and pkcs11:token=…;object=… a key on a token')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the device''s password from FILE')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--new-key', '--new-key', [CompletionResultType]::ParameterName, 'Make a key pair for the device')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the device''s password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--generate-password', '--generate-password', [CompletionResultType]::ParameterName, 'Make a password for the device and store it in a file that only its owner can read')
            [CompletionResult]::new('--plain-password', '--plain-password', [CompletionResultType]::ParameterName, 'Send the password itself instead of its hash; refuses a password that the marketplace''s shell would change')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Do not log in at the broker afterwards')
            [CompletionResult]::new('--no-save', '--no-save', [CompletionResultType]::ParameterName, 'Do not save the device in the configuration')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;device;rotate' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'The same as DEVICE; ''pub'' and ''sub'' take it this way')
            [CompletionResult]::new('--bits', '--bits', [CompletionResultType]::ParameterName, 'Make a modulus of N bits')
            [CompletionResult]::new('--to', '--to', [CompletionResultType]::ParameterName, 'Rotate to this key on a PKCS#11 token, pkcs11:token=…;object=…, instead of making one')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Use the private key in FILE, which only its owner may read; ''-'' is standard input, and pkcs11:token=…;object=… a key on a token')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the device''s present password from FILE')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;device;repair' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'The same as DEVICE; ''pub'' and ''sub'' take it this way')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Use the private key in FILE, which only its owner may read; ''-'' is standard input, and pkcs11:token=…;object=… a key on a token')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the device''s password from FILE')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--new-key', '--new-key', [CompletionResultType]::ParameterName, 'Make a key pair for the device')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the device''s password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--generate-password', '--generate-password', [CompletionResultType]::ParameterName, 'Make a password for the device and store it in a file that only its owner can read')
            [CompletionResult]::new('--plain-password', '--plain-password', [CompletionResultType]::ParameterName, 'Send the password itself instead of its hash; refuses a password that the marketplace''s shell would change')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--no-save', '--no-save', [CompletionResultType]::ParameterName, 'Do not save the device in the configuration')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;device;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List your devices at the marketplace, one full name per line')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a device: its number at the marketplace, its namesakes, and its key or password file here')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a device at the marketplace, and check that it is gone')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a device that is already registered to the configuration')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print devices of the configuration as TOML tables, which ''device import'' reads')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Add the devices of TOML tables to the configuration, as ''device export'' prints them')
            [CompletionResult]::new('passwd', 'passwd', [CompletionResultType]::ParameterValue, 'Give a device another password or key at the marketplace, and prove that it logs in')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give a device a new key pair, or a new password, and prove it before the old one is replaced')
            [CompletionResult]::new('repair', 'repair', [CompletionResultType]::ParameterValue, 'Replace a device that cannot log in: delete every row of its name, and register it once')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;device;help;list' {
            break
        }
        'i3;device;help;show' {
            break
        }
        'i3;device;help;delete' {
            break
        }
        'i3;device;help;add' {
            break
        }
        'i3;device;help;export' {
            break
        }
        'i3;device;help;import' {
            break
        }
        'i3;device;help;passwd' {
            break
        }
        'i3;device;help;rotate' {
            break
        }
        'i3;device;help;repair' {
            break
        }
        'i3;device;help;help' {
            break
        }
        'i3;import' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace what is configured')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be saved, and save nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;register' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'The same as NAME; ''pub'' and ''sub'' take it this way')
            [CompletionResult]::new('--hub', '--hub', [CompletionResultType]::ParameterName, 'Register it in this hub of yours, by its short or full name')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Use the private key in FILE, which only its owner may read; ''-'' is standard input, and pkcs11:token=…;object=… a key on a token')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the device''s password from FILE')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--new-key', '--new-key', [CompletionResultType]::ParameterName, 'Make a key pair for the device')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the device''s password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--generate-password', '--generate-password', [CompletionResultType]::ParameterName, 'Make a password for the device and store it in a file that only its owner can read')
            [CompletionResult]::new('--plain-password', '--plain-password', [CompletionResultType]::ParameterName, 'Send the password itself instead of its hash; refuses a password that the marketplace''s shell would change')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--no-check', '--no-check', [CompletionResultType]::ParameterName, 'Do not log in at the broker afterwards')
            [CompletionResult]::new('--no-save', '--no-save', [CompletionResultType]::ParameterName, 'Do not save the device in the configuration')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;request' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the requests that wait for a decision, the oldest first')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Approve a request: its buyer may use the topic from then on')
            [CompletionResult]::new('decline', 'decline', [CompletionResultType]::ParameterValue, 'Decline a request: its buyer gets no access')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;request;list' {
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;request;approve' {
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;request;decline' {
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;request;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the requests that wait for a decision, the oldest first')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Approve a request: its buyer may use the topic from then on')
            [CompletionResult]::new('decline', 'decline', [CompletionResultType]::ParameterValue, 'Decline a request: its buyer gets no access')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;request;help;list' {
            break
        }
        'i3;request;help;approve' {
            break
        }
        'i3;request;help;decline' {
            break
        }
        'i3;request;help;help' {
            break
        }
        'i3;sales' {
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'List this topic only')
            [CompletionResult]::new('--hub', '--hub', [CompletionResultType]::ParameterName, 'List the topics of this hub only: USER/HUB')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'List nothing older than this: 2026-11-01 (UTC), or 2026-11-01T08:00:00Z')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--totals', '--totals', [CompletionResultType]::ParameterName, 'Print a line for each topic instead: topic, count, quantity, amount')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;purchases' {
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'List this topic only')
            [CompletionResult]::new('--hub', '--hub', [CompletionResultType]::ParameterName, 'List the topics of this hub only: USER/HUB')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'List nothing older than this: 2026-11-01 (UTC), or 2026-11-01T08:00:00Z')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--totals', '--totals', [CompletionResultType]::ParameterName, 'Print a line for each topic instead: topic, count, quantity, amount')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;notifications' {
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--unread', '--unread', [CompletionResultType]::ParameterName, 'List only those that are not marked as read')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the notifications that are not archived')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'Mark notifications as read')
            [CompletionResult]::new('archive', 'archive', [CompletionResultType]::ParameterValue, 'Archive notifications: the marketplace no longer shows them and cannot restore them')
            [CompletionResult]::new('broker-password', 'broker-password', [CompletionResultType]::ParameterValue, 'Print the broker password: a buyer''s account logs in to the broker with it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;notifications;list' {
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--unread', '--unread', [CompletionResultType]::ParameterName, 'List only those that are not marked as read')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;notifications;read' {
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Select all notifications')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;notifications;archive' {
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Select all notifications')
            [CompletionResult]::new('--include-password', '--include-password', [CompletionResultType]::ParameterName, 'With --all, archive the notification with the broker password as well')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;notifications;broker-password' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write it to FILE, readable only by its owner, and print nothing')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;notifications;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the notifications that are not archived')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'Mark notifications as read')
            [CompletionResult]::new('archive', 'archive', [CompletionResultType]::ParameterValue, 'Archive notifications: the marketplace no longer shows them and cannot restore them')
            [CompletionResult]::new('broker-password', 'broker-password', [CompletionResultType]::ParameterValue, 'Print the broker password: a buyer''s account logs in to the broker with it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;notifications;help;list' {
            break
        }
        'i3;notifications;help;read' {
            break
        }
        'i3;notifications;help;archive' {
            break
        }
        'i3;notifications;help;broker-password' {
            break
        }
        'i3;notifications;help;help' {
            break
        }
        'i3;buy' {
            [CompletionResult]::new('--quantity', '--quantity', [CompletionResultType]::ParameterName, 'Buy N units')
            [CompletionResult]::new('--request-message', '--request-message', [CompletionResultType]::ParameterName, 'Send this message to the seller of a restricted product')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--clear-cart', '--clear-cart', [CompletionResultType]::ParameterName, 'Empty the cart instead, so that no purchase books what is in it')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;token' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'The same as DEVICE; ''pub'' and ''sub'' take it this way')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Use the private key in FILE, which only its owner may read; ''-'' is standard input, and pkcs11:token=…;object=… a key on a token')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--expires-in', '--expires-in', [CompletionResultType]::ParameterName, 'Make the token valid for TIME: 90s, 15m, 1h, 1d')
            [CompletionResult]::new('--issuer', '--issuer', [CompletionResultType]::ParameterName, 'Write this issuer (iss) into it instead of the device''s name')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write it to FILE, which only you can read, instead of stdout; replaces a token that is there')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Write notes, warnings and errors as text, or as one JSON object on each line')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Print no newline after it')
            [CompletionResult]::new('--renew', '--renew', [CompletionResultType]::ParameterName, 'Keep a valid token in the file until a signal ends this')
            [CompletionResult]::new('--inspect', '--inspect', [CompletionResultType]::ParameterName, 'Read a token from stdin and show its claims, the time left, and whether the key signed it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;pub' {
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Publish to this topic, in full: USER/HUB/PRODUCT')
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'Publish to this topic, in full: USER/HUB/PRODUCT')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Send this message')
            [CompletionResult]::new('--message', '--message', [CompletionResultType]::ParameterName, 'Send this message')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Send the contents of FILE, byte for byte')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Send the contents of FILE, byte for byte')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Quality of service')
            [CompletionResult]::new('--qos', '--qos', [CompletionResultType]::ParameterName, 'Quality of service')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Prove delivery of the first message to each topic, of all, or of none')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'Retry up to N times if the broker cannot be reached, is busy or does not answer, or the connection ends; can deliver twice')
            [CompletionResult]::new('--max-line', '--max-line', [CompletionResultType]::ParameterName, 'Refuse lines that are longer than SIZE bytes: 1000, 64K, 1M')
            [CompletionResult]::new('--rejects', '--rejects', [CompletionResultType]::ParameterName, 'Append lines that cannot be published to FILE instead of counting them as failed')
            [CompletionResult]::new('--stamp', '--stamp', [CompletionResultType]::ParameterName, 'Add the time at which a message was read: in this field of its JSON object, or in MQTT 5''s user property "time"')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Send at most this many messages per second, minute or hour: 100/s, 30/m')
            [CompletionResult]::new('--window', '--window', [CompletionResultType]::ParameterName, 'Send up to N messages before the first is acknowledged [default: 10000, at QoS 2 20, with --confirm all 100]')
            [CompletionResult]::new('--grace', '--grace', [CompletionResultType]::ParameterName, 'After SIGINT, SIGTERM or SIGHUP, wait this long for everything to be acknowledged')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'End after this time, whatever is left: 1h')
            [CompletionResult]::new('--retry-refused', '--retry-refused', [CompletionResultType]::ParameterName, 'Once logged in, try refused credentials again for this long: the broker refuses all while its database is down. A topic that was refused, or three messages in a row to which were, each by closing the connection, is tried again after this time')
            [CompletionResult]::new('--spool', '--spool', [CompletionResultType]::ParameterName, 'Store each line on disk before it is sent, in DIR or the device''s own folder; without a network lines wait there')
            [CompletionResult]::new('--spool-max', '--spool-max', [CompletionResultType]::ParameterName, 'Let the spool hold at most SIZE: 100M, 2G')
            [CompletionResult]::new('--spool-age', '--spool-age', [CompletionResultType]::ParameterName, 'Drop lines that have waited longer than TIME: 2d')
            [CompletionResult]::new('--spool-full', '--spool-full', [CompletionResultType]::ParameterName, 'When the spool or the disk is full, hold the producer back, drop the oldest lines, or fail')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Log in as this device, by its full or short name [env: I3_DEVICE]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Log in with this user name: a full device name, or an account''s name')
            [CompletionResult]::new('--username', '--username', [CompletionResultType]::ParameterName, 'Log in with this user name: a full device name, or an account''s name')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]')
            [CompletionResult]::new('--pw', '--pw', [CompletionResultType]::ParameterName, 'Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]')
            [CompletionResult]::new('--pw-file', '--pw-file', [CompletionResultType]::ParameterName, 'Read the password or token from FILE')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Use the private key in FILE, which only its owner may read; ''-'' is standard input, and pkcs11:token=…;object=… a key on a token')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'Connect to mqtt://HOST[:PORT], mqtts:// for TLS, ws:// or wss://HOST[:PORT][/PATH] for WebSocket [env: I3_BROKER]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Connect to HOST; without a value, print this help')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Connect to HOST; without a value, print this help')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Connect to this port')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Connect to this port')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s; with -h, also turns TLS on')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Reach the broker by this proxy: socks5h://HOST[:PORT], or http://HOST:PORT, which has to allow CONNECT [env: I3_PROXY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Take NAME as the name that the broker''s certificate is for, instead of the host''s')
            [CompletionResult]::new('--tls-alpn', '--tls-alpn', [CompletionResultType]::ParameterName, 'Ask the broker for this protocol over TLS (ALPN), such as mqtt')
            [CompletionResult]::new('--ws-header', '--ws-header', [CompletionResultType]::ParameterName, 'Send this header field with the handshake of a WebSocket; other users of this machine can read it')
            [CompletionResult]::new('--ws-header-file', '--ws-header-file', [CompletionResultType]::ParameterName, 'Send the header fields in FILE with it, one NAME: VALUE in each line')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Speak this version of MQTT; I3''s released broker speaks 3.1.1 only')
            [CompletionResult]::new('--protocol-version', '--protocol-version', [CompletionResultType]::ParameterName, 'Speak this version of MQTT; I3''s released broker speaks 3.1.1 only')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Use this client id instead of a random one')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Use this client id instead of a random one')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Send a ping after SECONDS without traffic')
            [CompletionResult]::new('--keepalive', '--keepalive', [CompletionResultType]::ParameterName, 'Send a ping after SECONDS without traffic')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this time: 10s, 1m')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Send all of stdin as one message, byte for byte')
            [CompletionResult]::new('--stdin-file', '--stdin-file', [CompletionResultType]::ParameterName, 'Send all of stdin as one message, byte for byte')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Send an empty message; with -r it removes the retained one')
            [CompletionResult]::new('--null-message', '--null-message', [CompletionResultType]::ParameterName, 'Send an empty message; with -r it removes the retained one')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Have the broker keep the message for later subscribers')
            [CompletionResult]::new('--retain', '--retain', [CompletionResultType]::ParameterName, 'Have the broker keep the message for later subscribers')
            [CompletionResult]::new('--allow-secret', '--allow-secret', [CompletionResultType]::ParameterName, 'Send the message although it holds a private key')
            [CompletionResult]::new('--no-agent', '--no-agent', [CompletionResultType]::ParameterName, 'Publish without the agent, even if one is running')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Send each line of stdin as a message')
            [CompletionResult]::new('--lines', '--lines', [CompletionResultType]::ParameterName, 'Send each line of stdin as a message')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'Send each NUL-terminated piece of stdin as a message, newlines included')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'Send each NUL-terminated piece of stdin as a message, newlines included')
            [CompletionResult]::new('--topic-per-line', '--topic-per-line', [CompletionResultType]::ParameterName, 'Read lines as TOPIC, a tab, PAYLOAD')
            [CompletionResult]::new('--jsonl', '--jsonl', [CompletionResultType]::ParameterName, 'Read lines as JSON objects: "topic", "payload" or "payload_base64", "qos", "retain"')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'End at the first line that cannot be published')
            [CompletionResult]::new('--spool-ok', '--spool-ok', [CompletionResultType]::ParameterName, 'End with exit code 0 if the lines are safe in the spool and could not be delivered')
            [CompletionResult]::new('--pw-stdin', '--pw-stdin', [CompletionResultType]::ParameterName, 'Read the password or token from stdin, at a terminal without showing it')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything; with -h, also turns TLS on')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            break
        }
        'i3;sub' {
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Subscribe to this topic, in full: USER/HUB/PRODUCT; may be repeated')
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'Subscribe to this topic, in full: USER/HUB/PRODUCT; may be repeated')
            [CompletionResult]::new('--hub', '--hub', [CompletionResultType]::ParameterName, 'Subscribe as a device to every product that its hub HUB has now')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Ask this marketplace for the topics: http://HOST[:PORT] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE, for --hub [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'End after COUNT messages')
            [CompletionResult]::new('-W', '-W ', [CompletionResultType]::ParameterName, 'End after this time: 30s, 5m')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Quality of service to subscribe with')
            [CompletionResult]::new('--qos', '--qos', [CompletionResultType]::ParameterName, 'Quality of service to subscribe with')
            [CompletionResult]::new('--unsubscribe', '--unsubscribe', [CompletionResultType]::ParameterName, 'End the kept session''s subscription to TOPIC, which an earlier run has left; may be repeated')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'Retry up to N times if the broker cannot be reached or the connection ends before there is a subscription')
            [CompletionResult]::new('--max-message', '--max-message', [CompletionResultType]::ParameterName, 'Leave out messages of more than SIZE bytes: 1000, 64K, 1M; the exit code is 65 then')
            [CompletionResult]::new('-F', '-F ', [CompletionResultType]::ParameterName, 'Print each message in this format')
            [CompletionResult]::new('--plot', '--plot', [CompletionResultType]::ParameterName, 'Draw the payloads, or this field of their JSON, as a live chart: .free, .lots[0].free')
            [CompletionResult]::new('--plot-png', '--plot-png', [CompletionResultType]::ParameterName, 'Draw the chart as a picture to FILE, again every few seconds; --plot names the field')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Log in as this device, by its full or short name [env: I3_DEVICE]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Log in with this user name: a full device name, or an account''s name')
            [CompletionResult]::new('--username', '--username', [CompletionResultType]::ParameterName, 'Log in with this user name: a full device name, or an account''s name')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]')
            [CompletionResult]::new('--pw', '--pw', [CompletionResultType]::ParameterName, 'Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]')
            [CompletionResult]::new('--pw-file', '--pw-file', [CompletionResultType]::ParameterName, 'Read the password or token from FILE')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Use the private key in FILE, which only its owner may read; ''-'' is standard input, and pkcs11:token=…;object=… a key on a token')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'Connect to mqtt://HOST[:PORT], mqtts:// for TLS, ws:// or wss://HOST[:PORT][/PATH] for WebSocket [env: I3_BROKER]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Connect to HOST; without a value, print this help')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Connect to HOST; without a value, print this help')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Connect to this port')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Connect to this port')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s; with -h, also turns TLS on')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Reach the broker by this proxy: socks5h://HOST[:PORT], or http://HOST:PORT, which has to allow CONNECT [env: I3_PROXY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Take NAME as the name that the broker''s certificate is for, instead of the host''s')
            [CompletionResult]::new('--tls-alpn', '--tls-alpn', [CompletionResultType]::ParameterName, 'Ask the broker for this protocol over TLS (ALPN), such as mqtt')
            [CompletionResult]::new('--ws-header', '--ws-header', [CompletionResultType]::ParameterName, 'Send this header field with the handshake of a WebSocket; other users of this machine can read it')
            [CompletionResult]::new('--ws-header-file', '--ws-header-file', [CompletionResultType]::ParameterName, 'Send the header fields in FILE with it, one NAME: VALUE in each line')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Speak this version of MQTT; I3''s released broker speaks 3.1.1 only')
            [CompletionResult]::new('--protocol-version', '--protocol-version', [CompletionResultType]::ParameterName, 'Speak this version of MQTT; I3''s released broker speaks 3.1.1 only')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Use this client id instead of a random one')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Use this client id instead of a random one')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Send a ping after SECONDS without traffic')
            [CompletionResult]::new('--keepalive', '--keepalive', [CompletionResultType]::ParameterName, 'Send a ping after SECONDS without traffic')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this time: 10s, 1m')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--purchased', '--purchased', [CompletionResultType]::ParameterName, 'Subscribe as a buyer to every product that this account has bought')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('-R', '-R ', [CompletionResultType]::ParameterName, 'Leave out retained messages, which the broker kept from earlier')
            [CompletionResult]::new('--retained-only', '--retained-only', [CompletionResultType]::ParameterName, 'Print retained messages, and end when the broker has sent them')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Have the broker keep what comes while this id is away, even after the end; needs --id and -q 1 or 2')
            [CompletionResult]::new('--keep-session', '--keep-session', [CompletionResultType]::ParameterName, 'Have the broker keep what comes while this id is away, even after the end; needs --id and -q 1 or 2')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'End as soon as the broker has granted the subscription: with -c it keeps messages from then on')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print messages to a terminal as they are, control characters included')
            [CompletionResult]::new('-N', '-N ', [CompletionResultType]::ParameterName, 'Print no newline after a message')
            [CompletionResult]::new('--pw-stdin', '--pw-stdin', [CompletionResultType]::ParameterName, 'Read the password or token from stdin, at a terminal without showing it')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything; with -h, also turns TLS on')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            break
        }
        'i3;spool' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how many lines wait and since when, what was dropped, and whether a process drains the spool')
            [CompletionResult]::new('drain', 'drain', [CompletionResultType]::ParameterValue, 'Publish what is in the spool, oldest first')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print the waiting lines, oldest first, or write them to a file; they stay in the spool')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Throw away waiting lines: those of a topic, those that are too old, one, or all')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;spool;status' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'The same as DEVICE; ''pub'' and ''sub'' take it this way')
            [CompletionResult]::new('--spool', '--spool', [CompletionResultType]::ParameterName, 'Use the spool in DIR instead of the device''s own')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'i3;spool;drain' {
            [CompletionResult]::new('--spool', '--spool', [CompletionResultType]::ParameterName, 'Drain the spool in DIR, not the device''s own')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Prove delivery of the first message to each topic, of all, or of none')
            [CompletionResult]::new('--retry', '--retry', [CompletionResultType]::ParameterName, 'Retry up to N times if the broker cannot be reached')
            [CompletionResult]::new('--rejects', '--rejects', [CompletionResultType]::ParameterName, 'Move what cannot be published to FILE, as lines that `i3 pub --jsonl` reads')
            [CompletionResult]::new('--window', '--window', [CompletionResultType]::ParameterName, 'Send up to N messages before the first is acknowledged [default: 10000, at QoS 2 20, with --confirm all 100]')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Send at most this many messages per second, minute or hour: 100/s, 30/m')
            [CompletionResult]::new('--grace', '--grace', [CompletionResultType]::ParameterName, 'After SIGINT, SIGTERM or SIGHUP, wait this long for everything to be acknowledged')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'End after this time, whatever is left: 1h')
            [CompletionResult]::new('--retry-refused', '--retry-refused', [CompletionResultType]::ParameterName, 'Once logged in, try refused credentials again for this long: the broker refuses all while its database is down. A topic that was refused, or three messages in a row to which were, each by closing the connection, is tried again after this time')
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Log in as this device, by its full or short name [env: I3_DEVICE]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Log in with this user name: a full device name, or an account''s name')
            [CompletionResult]::new('--username', '--username', [CompletionResultType]::ParameterName, 'Log in with this user name: a full device name, or an account''s name')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]')
            [CompletionResult]::new('--pw', '--pw', [CompletionResultType]::ParameterName, 'Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]')
            [CompletionResult]::new('--pw-file', '--pw-file', [CompletionResultType]::ParameterName, 'Read the password or token from FILE')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Use the private key in FILE, which only its owner may read; ''-'' is standard input, and pkcs11:token=…;object=… a key on a token')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'Connect to mqtt://HOST[:PORT], mqtts:// for TLS, ws:// or wss://HOST[:PORT][/PATH] for WebSocket [env: I3_BROKER]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Connect to HOST; without a value, print this help')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Connect to HOST; without a value, print this help')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Connect to this port')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Connect to this port')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s; with -h, also turns TLS on')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Reach the broker by this proxy: socks5h://HOST[:PORT], or http://HOST:PORT, which has to allow CONNECT [env: I3_PROXY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Take NAME as the name that the broker''s certificate is for, instead of the host''s')
            [CompletionResult]::new('--tls-alpn', '--tls-alpn', [CompletionResultType]::ParameterName, 'Ask the broker for this protocol over TLS (ALPN), such as mqtt')
            [CompletionResult]::new('--ws-header', '--ws-header', [CompletionResultType]::ParameterName, 'Send this header field with the handshake of a WebSocket; other users of this machine can read it')
            [CompletionResult]::new('--ws-header-file', '--ws-header-file', [CompletionResultType]::ParameterName, 'Send the header fields in FILE with it, one NAME: VALUE in each line')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Speak this version of MQTT; I3''s released broker speaks 3.1.1 only')
            [CompletionResult]::new('--protocol-version', '--protocol-version', [CompletionResultType]::ParameterName, 'Speak this version of MQTT; I3''s released broker speaks 3.1.1 only')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Use this client id instead of a random one')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Use this client id instead of a random one')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Send a ping after SECONDS without traffic')
            [CompletionResult]::new('--keepalive', '--keepalive', [CompletionResultType]::ParameterName, 'Send a ping after SECONDS without traffic')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this time: 10s, 1m')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--stamp', '--stamp', [CompletionResultType]::ParameterName, 'With -V 5, add the time at which a message was taken, in the user property "time"')
            [CompletionResult]::new('--pw-stdin', '--pw-stdin', [CompletionResultType]::ParameterName, 'Read the password or token from stdin, at a terminal without showing it')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything; with -h, also turns TLS on')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            break
        }
        'i3;spool;export' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'The same as DEVICE; ''pub'' and ''sub'' take it this way')
            [CompletionResult]::new('--spool', '--spool', [CompletionResultType]::ParameterName, 'Use the spool in DIR instead of the device''s own')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Export only record N, as numbered in an error message')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Write lines in this format')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write lines to FILE, which must not exist')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;spool;purge' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'The same as DEVICE; ''pub'' and ''sub'' take it this way')
            [CompletionResult]::new('--spool', '--spool', [CompletionResultType]::ParameterName, 'Use the spool in DIR instead of the device''s own')
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'Throw away lines for this topic')
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Throw away lines that were taken longer ago: 90s, 2h, 7d')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Throw away only record N, as numbered in an error message')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Throw everything away')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;spool;help' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how many lines wait and since when, what was dropped, and whether a process drains the spool')
            [CompletionResult]::new('drain', 'drain', [CompletionResultType]::ParameterValue, 'Publish what is in the spool, oldest first')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print the waiting lines, oldest first, or write them to a file; they stay in the spool')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Throw away waiting lines: those of a topic, those that are too old, one, or all')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;spool;help;status' {
            break
        }
        'i3;spool;help;drain' {
            break
        }
        'i3;spool;help;export' {
            break
        }
        'i3;spool;help;purge' {
            break
        }
        'i3;spool;help;help' {
            break
        }
        'i3;agent' {
            [CompletionResult]::new('--idle', '--idle', [CompletionResultType]::ParameterName, 'Close a connection over which nothing was published for this time')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Write notes, warnings and errors as text, or as one JSON object on each line')
            [CompletionResult]::new('--stats', '--stats', [CompletionResultType]::ParameterName, 'Log the tally this often, such as 60s; SIGUSR1 logs it at once')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--background', '--background', [CompletionResultType]::ParameterName, 'Continue in the background once callers are accepted')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the devices that the agent publishes as')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'End the agent after what is on its way')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;agent;status' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;agent;stop' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;agent;help' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the devices that the agent publishes as')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'End the agent after what is on its way')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;agent;help;status' {
            break
        }
        'i3;agent;help;stop' {
            break
        }
        'i3;agent;help;help' {
            break
        }
        'i3;gateway' {
            [CompletionResult]::new('--log-ins', '--log-ins', [CompletionResultType]::ParameterName, 'Log in at I3''s broker at most so often, over all devices: it serves nobody while it checks a token')
            [CompletionResult]::new('--idle', '--idle', [CompletionResultType]::ParameterName, 'Close a device''s connection over which nothing was published for this time')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Which messages must come back, as proof that they were delivered')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Wait this long for an acknowledgement, an echo or an answer')
            [CompletionResult]::new('--grace', '--grace', [CompletionResultType]::ParameterName, 'At the end, wait this long for what is on its way')
            [CompletionResult]::new('--retry-refused', '--retry-refused', [CompletionResultType]::ParameterName, 'Try refused credentials that have worked again for this long, and a topic that was refused after this time')
            [CompletionResult]::new('--spool', '--spool', [CompletionResultType]::ParameterName, 'Store each message on disk before it is published, in a folder of DIR or the device''s own: for sources that keep nothing, such as messages at QoS 0')
            [CompletionResult]::new('--spool-max', '--spool-max', [CompletionResultType]::ParameterName, 'Let the spool of a device hold at most SIZE, such as 100M; then its sources are held back')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Write notes, warnings and errors as text, or as one JSON object on each line')
            [CompletionResult]::new('--stats', '--stats', [CompletionResultType]::ParameterName, 'Log the tally this often, such as 60s; SIGUSR1 logs it at once')
            [CompletionResult]::new('--metrics', '--metrics', [CompletionResultType]::ParameterName, 'Serve metrics for Prometheus at http://ADDR/metrics; a port alone is one of loopback, 0 any free one')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Explain what a gateway would do with FILE, without connecting to anything')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;gateway;check' {
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'Show what becomes of a message with this topic, or NATS subject, at its source')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;gateway;help' {
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Explain what a gateway would do with FILE, without connecting to anything')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;gateway;help;check' {
            break
        }
        'i3;gateway;help;help' {
            break
        }
        'i3;config' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of the config file that ''config set'' writes')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print a setting as the commands would use it')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set a key in the config file')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Remove a key from the config file')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List what is set: key, value and where it comes from')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check the config files: their keys, addresses, names, and the files that they name')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;config;path' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;config;get' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;config;set' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;config;unset' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'i3;config;list' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;config;check' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;config;help' {
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of the config file that ''config set'' writes')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print a setting as the commands would use it')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set a key in the config file')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Remove a key from the config file')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List what is set: key, value and where it comes from')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check the config files: their keys, addresses, names, and the files that they name')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;config;help;path' {
            break
        }
        'i3;config;help;get' {
            break
        }
        'i3;config;help;set' {
            break
        }
        'i3;config;help;unset' {
            break
        }
        'i3;config;help;list' {
            break
        }
        'i3;config;help;check' {
            break
        }
        'i3;config;help;help' {
            break
        }
        'i3;doctor' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'The same as DEVICE; ''pub'' and ''sub'' take it this way')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Examine whether the device can use this topic; by default, the only product of its hub')
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'Examine whether the device can use this topic; by default, the only product of its hub')
            [CompletionResult]::new('--probe-message', '--probe-message', [CompletionResultType]::ParameterName, 'Publish this message to the topic, which its buyers see')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Try this client id as well; this disconnects a client that uses it')
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Try this client id as well; this disconnects a client that uses it')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Use the private key in FILE, which only its owner may read; ''-'' is standard input, and pkcs11:token=…;object=… a key on a token')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--pin-file', '--pin-file', [CompletionResultType]::ParameterName, 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE')
            [CompletionResult]::new('--pw-file', '--pw-file', [CompletionResultType]::ParameterName, 'Log in with the password or token in FILE')
            [CompletionResult]::new('--broker', '--broker', [CompletionResultType]::ParameterName, 'Examine this broker: mqtt://HOST[:PORT], mqtts:// for TLS, ws:// or wss://HOST[:PORT][/PATH] for WebSocket [env: I3_BROKER]')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Reach the broker by this proxy: socks5h://HOST[:PORT], or http://HOST:PORT, which has to allow CONNECT [env: I3_PROXY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Take NAME as the name that the broker''s certificate is for, instead of the host''s')
            [CompletionResult]::new('--tls-alpn', '--tls-alpn', [CompletionResultType]::ParameterName, 'Ask the broker for this protocol over TLS (ALPN), such as mqtt')
            [CompletionResult]::new('--ws-header', '--ws-header', [CompletionResultType]::ParameterName, 'Send this header field with the handshake of a WebSocket; other users of this machine can read it')
            [CompletionResult]::new('--ws-header-file', '--ws-header-file', [CompletionResultType]::ParameterName, 'Send the header fields in FILE with it, one NAME: VALUE in each line')
            [CompletionResult]::new('--buyer', '--buyer', [CompletionResultType]::ParameterName, 'Check that this account, which bought the topic, receives the message [env: I3_BUYER]')
            [CompletionResult]::new('--buyer-pw-file', '--buyer-pw-file', [CompletionResultType]::ParameterName, 'Read the buyer''s broker password from FILE [env: I3_BUYER_PASSWORD]')
            [CompletionResult]::new('--market', '--market', [CompletionResultType]::ParameterName, 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]')
            [CompletionResult]::new('--cafile', '--cafile', [CompletionResultType]::ParameterName, 'Trust the certificates in FILE (PEM or DER) instead of the system''s')
            [CompletionResult]::new('--capath', '--capath', [CompletionResultType]::ParameterName, 'Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system''s')
            [CompletionResult]::new('--cert', '--cert', [CompletionResultType]::ParameterName, 'Show the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one')
            [CompletionResult]::new('--cert-key', '--cert-key', [CompletionResultType]::ParameterName, 'Use the private key in FILE for --cert, if it is not in the same file; never a device''s key')
            [CompletionResult]::new('--cert-key-passphrase-file', '--cert-key-passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase of --cert-key from FILE')
            [CompletionResult]::new('--tls-version', '--tls-version', [CompletionResultType]::ParameterName, 'Speak this version of TLS only')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up a request after this time: 30s, 1m')
            [CompletionResult]::new('--deadline', '--deadline', [CompletionResultType]::ParameterName, 'Give up once all requests to the marketplace together have taken this time: 10m, 1h')
            [CompletionResult]::new('--max-download', '--max-download', [CompletionResultType]::ParameterName, 'Give up once the marketplace has sent this much in all: 64M, 1G')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'Use the REST API, the log-in form, or whichever works')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from FILE [env: I3_API_KEY]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Log in to the forms as this user [env: I3_USER]')
            [CompletionResult]::new('--login-password-file', '--login-password-file', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Run only the checks that need no network')
            [CompletionResult]::new('--publish', '--publish', [CompletionResultType]::ParameterName, 'Publish a message to the topic, which its buyers see')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Fix what can safely be fixed, and check again')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'With --fix, change the marketplace without asking')
            [CompletionResult]::new('--insecure', '--insecure', [CompletionResultType]::ParameterName, 'Accept any certificate: anyone on the way can read and change everything')
            [CompletionResult]::new('--login-password-stdin', '--login-password-stdin', [CompletionResultType]::ParameterName, 'Read the user''s log-in password from stdin, at a terminal without showing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;explain' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;sandbox' {
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Keep accounts, hubs, products and devices in FILE from one start to the next')
            [CompletionResult]::new('--devices', '--devices', [CompletionResultType]::ParameterName, 'Register N devices of alice/parking, bay1 to bayN, and configure them')
            [CompletionResult]::new('--market-port', '--market-port', [CompletionResultType]::ParameterName, 'Listen on this port for the marketplace; 0 is any free port')
            [CompletionResult]::new('--broker-port', '--broker-port', [CompletionResultType]::ParameterName, 'Listen on this port for the broker; 0 is any free port')
            [CompletionResult]::new('--house-port', '--house-port', [CompletionResultType]::ParameterName, 'Listen on this port for the broker of --house; 0 is any free port')
            [CompletionResult]::new('--permission-cache', '--permission-cache', [CompletionResultType]::ParameterName, 'Let the broker remember permissions for this time')
            [CompletionResult]::new('--token-cost', '--token-cost', [CompletionResultType]::ParameterName, 'Let each log-in by token block all clients of the broker for this time')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--background', '--background', [CompletionResultType]::ParameterName, 'Continue in the background once everything answers')
            [CompletionResult]::new('--house', '--house', [CompletionResultType]::ParameterName, 'Run a plain MQTT broker as well, in place of the one in a seller''s house')
            [CompletionResult]::new('--no-rest', '--no-rest', [CompletionResultType]::ParameterName, 'Leave out the REST endpoints for devices and hubs, as the released I3-Core does')
            [CompletionResult]::new('--no-mqtt5', '--no-mqtt5', [CompletionResultType]::ParameterName, 'Answer MQTT 5 with CONNACK 1, as the released broker does')
            [CompletionResult]::new('--mail-down', '--mail-down', [CompletionResultType]::ParameterName, 'Simulate a broken mail server: whatever creates something answers 500')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;demo' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('gateway', 'gateway', [CompletionResultType]::ParameterValue, 'Show a gateway at work: from the broker of a house to the buyer''s screen, and what becomes of a message that I3 refuses')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;demo;gateway' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;demo;help' {
            [CompletionResult]::new('gateway', 'gateway', [CompletionResultType]::ParameterValue, 'Show a gateway at work: from the broker of a house to the buyer''s screen, and what becomes of a message that I3 refuses')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;demo;help;gateway' {
            break
        }
        'i3;demo;help;help' {
            break
        }
        'i3;completions' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print results, and errors, as JSON')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say what is being done')
            [CompletionResult]::new('--allow-loose-permissions', '--allow-loose-permissions', [CompletionResultType]::ParameterName, 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'i3;help' {
            [CompletionResult]::new('keygen', 'keygen', [CompletionResultType]::ParameterValue, 'Make an RSA key pair, and print the public key body as I3''s form needs it')
            [CompletionResult]::new('pubkey', 'pubkey', [CompletionResultType]::ParameterValue, 'Print the public half of a private key')
            [CompletionResult]::new('signup', 'signup', [CompletionResultType]::ParameterValue, 'Create an account at the marketplace and log in with it')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in at the marketplace, and keep the API key and the session for the other commands')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Remove the API key and the session that ''login'' kept for a marketplace')
            [CompletionResult]::new('whoami', 'whoami', [CompletionResultType]::ParameterValue, 'Show your user name in the case in which the marketplace stores it')
            [CompletionResult]::new('hub', 'hub', [CompletionResultType]::ParameterValue, 'List and create hubs: what products and devices belong to')
            [CompletionResult]::new('product', 'product', [CompletionResultType]::ParameterValue, 'List, show, search, create, edit and delete products: the topics that are sold')
            [CompletionResult]::new('device', 'device', [CompletionResultType]::ParameterValue, 'List, show, delete and repair devices at the marketplace, give them another password or key, and configure them here')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Take over what the files of the I3-SDK say: the device, its password, the broker')
            [CompletionResult]::new('register', 'register', [CompletionResultType]::ParameterValue, 'Register a device with the marketplace, and prove that it can log in')
            [CompletionResult]::new('request', 'request', [CompletionResultType]::ParameterValue, 'List, approve and decline requests for restricted products')
            [CompletionResult]::new('sales', 'sales', [CompletionResultType]::ParameterValue, 'List what you sold: topic, buyer, quantity, amount and time of each sale')
            [CompletionResult]::new('purchases', 'purchases', [CompletionResultType]::ParameterValue, 'List what you bought: topic, seller, quantity, amount and time of each purchase')
            [CompletionResult]::new('notifications', 'notifications', [CompletionResultType]::ParameterValue, 'List what the marketplace notified you of; mark as read, archive, and print the broker password')
            [CompletionResult]::new('buy', 'buy', [CompletionResultType]::ParameterValue, 'Buy a product: this costs money')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Print a time-limited token that logs the device in')
            [CompletionResult]::new('pub', 'pub', [CompletionResultType]::ParameterValue, 'Publish a message, or each line of stdin, and say whether it arrived')
            [CompletionResult]::new('sub', 'sub', [CompletionResultType]::ParameterValue, 'Print what arrives at a topic, as its buyer sees it, or draw it')
            [CompletionResult]::new('spool', 'spool', [CompletionResultType]::ParameterValue, 'Look at lines that wait on disk, send them, save them, or throw them away')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'Keep one connection for each device, which every ''i3 pub'' of this user then publishes over')
            [CompletionResult]::new('gateway', 'gateway', [CompletionResultType]::ParameterValue, 'Take messages from MQTT brokers and NATS streams, and publish them as your devices')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show, change and check the configuration')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Find out why a device''s messages do not arrive, and how to fix it')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain a code, an exit status or an error message of I3, the broker or this program')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Run an I3 on this machine: marketplace and broker, with a seller, a buyer, a hub and a product')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Run a demonstration on a sandbox: key, device, token, message, the buyer''s screen, and what is refused')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'i3;help;keygen' {
            break
        }
        'i3;help;pubkey' {
            break
        }
        'i3;help;signup' {
            break
        }
        'i3;help;login' {
            break
        }
        'i3;help;logout' {
            break
        }
        'i3;help;whoami' {
            break
        }
        'i3;help;hub' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List your hubs, one full name per line')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a hub and check that it exists')
            break
        }
        'i3;help;hub;list' {
            break
        }
        'i3;help;hub;create' {
            break
        }
        'i3;help;product' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List your products: topic, price, type and description, between tabs')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a product, with everything that the marketplace shows of it')
            [CompletionResult]::new('search', 'search', [CompletionResultType]::ParameterValue, 'Search the products of all sellers: topic, price, type and description, between tabs')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create a product and check that it exists')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Change a product of yours, and check that it is changed')
            [CompletionResult]::new('repair', 'repair', [CompletionResultType]::ParameterValue, 'Save a product again as it is: this grants the devices of its hub the permissions that they lack')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a product of yours with its sales history, and check that it is gone')
            break
        }
        'i3;help;product;list' {
            break
        }
        'i3;help;product;show' {
            break
        }
        'i3;help;product;search' {
            break
        }
        'i3;help;product;create' {
            break
        }
        'i3;help;product;edit' {
            break
        }
        'i3;help;product;repair' {
            break
        }
        'i3;help;product;delete' {
            break
        }
        'i3;help;device' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List your devices at the marketplace, one full name per line')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show a device: its number at the marketplace, its namesakes, and its key or password file here')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete a device at the marketplace, and check that it is gone')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add a device that is already registered to the configuration')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print devices of the configuration as TOML tables, which ''device import'' reads')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Add the devices of TOML tables to the configuration, as ''device export'' prints them')
            [CompletionResult]::new('passwd', 'passwd', [CompletionResultType]::ParameterValue, 'Give a device another password or key at the marketplace, and prove that it logs in')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Give a device a new key pair, or a new password, and prove it before the old one is replaced')
            [CompletionResult]::new('repair', 'repair', [CompletionResultType]::ParameterValue, 'Replace a device that cannot log in: delete every row of its name, and register it once')
            break
        }
        'i3;help;device;list' {
            break
        }
        'i3;help;device;show' {
            break
        }
        'i3;help;device;delete' {
            break
        }
        'i3;help;device;add' {
            break
        }
        'i3;help;device;export' {
            break
        }
        'i3;help;device;import' {
            break
        }
        'i3;help;device;passwd' {
            break
        }
        'i3;help;device;rotate' {
            break
        }
        'i3;help;device;repair' {
            break
        }
        'i3;help;import' {
            break
        }
        'i3;help;register' {
            break
        }
        'i3;help;request' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the requests that wait for a decision, the oldest first')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Approve a request: its buyer may use the topic from then on')
            [CompletionResult]::new('decline', 'decline', [CompletionResultType]::ParameterValue, 'Decline a request: its buyer gets no access')
            break
        }
        'i3;help;request;list' {
            break
        }
        'i3;help;request;approve' {
            break
        }
        'i3;help;request;decline' {
            break
        }
        'i3;help;sales' {
            break
        }
        'i3;help;purchases' {
            break
        }
        'i3;help;notifications' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the notifications that are not archived')
            [CompletionResult]::new('read', 'read', [CompletionResultType]::ParameterValue, 'Mark notifications as read')
            [CompletionResult]::new('archive', 'archive', [CompletionResultType]::ParameterValue, 'Archive notifications: the marketplace no longer shows them and cannot restore them')
            [CompletionResult]::new('broker-password', 'broker-password', [CompletionResultType]::ParameterValue, 'Print the broker password: a buyer''s account logs in to the broker with it')
            break
        }
        'i3;help;notifications;list' {
            break
        }
        'i3;help;notifications;read' {
            break
        }
        'i3;help;notifications;archive' {
            break
        }
        'i3;help;notifications;broker-password' {
            break
        }
        'i3;help;buy' {
            break
        }
        'i3;help;token' {
            break
        }
        'i3;help;pub' {
            break
        }
        'i3;help;sub' {
            break
        }
        'i3;help;spool' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show how many lines wait and since when, what was dropped, and whether a process drains the spool')
            [CompletionResult]::new('drain', 'drain', [CompletionResultType]::ParameterValue, 'Publish what is in the spool, oldest first')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print the waiting lines, oldest first, or write them to a file; they stay in the spool')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Throw away waiting lines: those of a topic, those that are too old, one, or all')
            break
        }
        'i3;help;spool;status' {
            break
        }
        'i3;help;spool;drain' {
            break
        }
        'i3;help;spool;export' {
            break
        }
        'i3;help;spool;purge' {
            break
        }
        'i3;help;agent' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the devices that the agent publishes as')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'End the agent after what is on its way')
            break
        }
        'i3;help;agent;status' {
            break
        }
        'i3;help;agent;stop' {
            break
        }
        'i3;help;gateway' {
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Explain what a gateway would do with FILE, without connecting to anything')
            break
        }
        'i3;help;gateway;check' {
            break
        }
        'i3;help;config' {
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of the config file that ''config set'' writes')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print a setting as the commands would use it')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set a key in the config file')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Remove a key from the config file')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List what is set: key, value and where it comes from')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check the config files: their keys, addresses, names, and the files that they name')
            break
        }
        'i3;help;config;path' {
            break
        }
        'i3;help;config;get' {
            break
        }
        'i3;help;config;set' {
            break
        }
        'i3;help;config;unset' {
            break
        }
        'i3;help;config;list' {
            break
        }
        'i3;help;config;check' {
            break
        }
        'i3;help;doctor' {
            break
        }
        'i3;help;explain' {
            break
        }
        'i3;help;sandbox' {
            break
        }
        'i3;help;demo' {
            [CompletionResult]::new('gateway', 'gateway', [CompletionResultType]::ParameterValue, 'Show a gateway at work: from the broker of a house to the buyer''s screen, and what becomes of a message that I3 refuses')
            break
        }
        'i3;help;demo;gateway' {
            break
        }
        'i3;help;completions' {
            break
        }
        'i3;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
