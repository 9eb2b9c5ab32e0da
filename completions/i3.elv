
use builtin;
use str;

set edit:completion:arg-completer[i3] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'i3'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'i3'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand keygen 'Make an RSA key pair, and print the public key body as I3''s form needs it'
            cand pubkey 'Print the public half of a private key'
            cand signup 'Create an account at the marketplace and log in with it'
            cand login 'Log in at the marketplace, and keep the API key and the session for the other commands'
            cand logout 'Remove the API key and the session that ''login'' kept for a marketplace'
            cand whoami 'Show your user name in the case in which the marketplace stores it'
            cand hub 'List and create hubs: what products and devices belong to'
            cand product 'List, show, search, create, edit and delete products: the topics that are sold'
            cand device 'List, show, delete and repair devices at the marketplace, give them another password or key, and configure them here'
            cand register 'Register a device with the marketplace, and prove that it can log in'
            cand request 'List, approve and decline requests for restricted products'
            cand sales 'List what you sold: topic, buyer, quantity, amount and time of each sale'
            cand purchases 'List what you bought: topic, seller, quantity, amount and time of each purchase'
            cand notifications 'List what the marketplace notified you of; mark as read, archive, and print the broker password'
            cand buy 'Buy a product: this costs money'
            cand token 'Print a time-limited token that logs the device in'
            cand pub 'Publish a message, or each line of stdin, and say whether it arrived'
            cand sub 'Print what arrives at a topic, as its buyer sees it, or draw it'
            cand spool 'Look at lines that wait on disk, send them, save them, or throw them away'
            cand agent 'Keep one connection for each device, which every ''i3 pub'' of this user then publishes over'
            cand gateway 'Take messages from MQTT brokers and NATS streams, and publish them as your devices'
            cand config 'Show, change and check the configuration'
            cand doctor 'Find out why a device''s messages do not arrive, and how to fix it'
            cand explain 'Explain a code, an exit status or an error message of I3, the broker or this program'
            cand sandbox 'Run an I3 on this machine: marketplace and broker, with a seller, a buyer, a hub and a product'
            cand demo 'Run a demonstration on a sandbox: key, device, token, message, the buyer''s screen, and what is refused'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;keygen'= {
            cand --out 'Write the private key to FILE instead'
            cand --bits 'Make a modulus of N bits; over 2696 the public half does not fit I3''s form'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --force 'Replace an existing pair; asks if a device that is configured logs in with it'
            cand --yes 'Do not ask'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;pubkey'= {
            cand --key 'Use the private key in FILE (PKCS#8 or PKCS#1, readable only by its owner), or on a token: pkcs11:token=…;object=…'
            cand --passphrase-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --pin-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --format 'Print it in this form'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;signup'= {
            cand --type 'Create the account for selling, for buying, or for both'
            cand --email 'Let the marketplace send mail to this address; without one it sends none'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;login'= {
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;logout'= {
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;whoami'= {
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;hub'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List your hubs, one full name per line'
            cand create 'Create a hub and check that it exists'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;hub;list'= {
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;hub;create'= {
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --private 'Hide it from other users'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;hub;help'= {
            cand list 'List your hubs, one full name per line'
            cand create 'Create a hub and check that it exists'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;hub;help;list'= {
        }
        &'i3;hub;help;create'= {
        }
        &'i3;hub;help;help'= {
        }
        &'i3;product'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List your products: topic, price, type and description, between tabs'
            cand show 'Show a product, with everything that the marketplace shows of it'
            cand search 'Search the products of all sellers: topic, price, type and description, between tabs'
            cand create 'Create a product and check that it exists'
            cand edit 'Change a product of yours, and check that it is changed'
            cand repair 'Save a product again as it is: this grants the devices of its hub the permissions that they lack'
            cand delete 'Delete a product of yours with its sales history, and check that it is gone'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;product;list'= {
            cand --hub 'List only products of this hub: a short or full name'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;product;show'= {
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;product;search'= {
            cand --name 'Find the product with this topic'
            cand --seller 'Find products of this seller'
            cand --hub 'Find products of this hub: USER/HUB'
            cand --type 'Find products of this type'
            cand --restricted 'Find products that are restricted, or those that are not'
            cand --description-contains 'Find products with this text in the description'
            cand --id 'Find the product with this number'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;product;create'= {
            cand --hub 'Put it into this hub of yours: a short or full name'
            cand --description 'Describe what is sold'
            cand --price 'Sell it at this price: over 1 and under 100, with at most 2 decimals'
            cand --type 'Say what its buyers do: read, write, or both'
            cand --sale-price 'Sell it at this price for the time being: over 0 and under 100, with at most 2 decimals'
            cand --latitude 'Say where it is: degrees north, with at most 4 decimals'
            cand --longitude 'Say where it is: degrees east, with at most 4 decimals'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --restricted 'Require your approval for each purchase'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;product;edit'= {
            cand --id 'Choose the product with this number if several have the same topic'
            cand --description 'Describe what is sold'
            cand --price 'Sell it at this price: over 1 and under 100, with at most 2 decimals'
            cand --sale-price 'Sell it at this price for the time being: over 0 and under 100, with at most 2 decimals'
            cand --type 'Say what its buyers do: read, write, or both'
            cand --latitude 'Say where it is: degrees north, with at most 4 decimals'
            cand --longitude 'Say where it is: degrees east, with at most 4 decimals'
            cand --picture 'Show this picture (PNG, JPEG or GIF); it can be replaced, but not removed'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --no-sale 'End the sale; the sale price is kept'
            cand --restricted 'Require your approval for each purchase'
            cand --unrestricted 'Let anyone buy it without your approval'
            cand --no-position 'Remove its position'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;product;repair'= {
            cand --id 'Choose the product with this number if several have the same topic'
            cand --title 'Give it this topic: the one that its devices publish to'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --yes 'Do not ask before changing the topic, and move the product to the topic''s hub if it is in another'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;product;delete'= {
            cand --id 'Choose the product with this number if several have the same topic'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --yes 'Do not ask for confirmation'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;product;help'= {
            cand list 'List your products: topic, price, type and description, between tabs'
            cand show 'Show a product, with everything that the marketplace shows of it'
            cand search 'Search the products of all sellers: topic, price, type and description, between tabs'
            cand create 'Create a product and check that it exists'
            cand edit 'Change a product of yours, and check that it is changed'
            cand repair 'Save a product again as it is: this grants the devices of its hub the permissions that they lack'
            cand delete 'Delete a product of yours with its sales history, and check that it is gone'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;product;help;list'= {
        }
        &'i3;product;help;show'= {
        }
        &'i3;product;help;search'= {
        }
        &'i3;product;help;create'= {
        }
        &'i3;product;help;edit'= {
        }
        &'i3;product;help;repair'= {
        }
        &'i3;product;help;delete'= {
        }
        &'i3;product;help;help'= {
        }
        &'i3;device'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List your devices at the marketplace, one full name per line'
            cand show 'Show a device: its number at the marketplace, its namesakes, and its key or password file here'
            cand delete 'Delete a device at the marketplace, and check that it is gone'
            cand add 'Add a device that is already registered to the configuration'
            cand export 'Print devices of the configuration as TOML tables, which ''device import'' reads'
            cand import 'Add the devices of TOML tables to the configuration, as ''device export'' prints them'
            cand passwd 'Give a device another password or key at the marketplace, and prove that it logs in'
            cand rotate 'Give a device a new key pair, or a new password, and prove it before the old one is replaced'
            cand repair 'Replace a device that cannot log in: delete every row of its name, and register it once'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;device;list'= {
            cand --hub 'List only the devices of this hub, by its short or full name'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;device;show'= {
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;device;delete'= {
            cand --id 'Delete the device with this number, if the name exists more than once'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --yes 'Do not ask for confirmation'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;device;add'= {
            cand --key 'Let it log in with the private key in FILE, which only its owner can read'
            cand --password-file 'Let it log in with the password in FILE, which only its owner can read'
            cand --market 'Name the marketplace that it is registered with; without this, the one in use [env: I3_MARKET]'
            cand --broker 'Let it have this broker of its own'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --force 'Replace what is configured of the device'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;device;export'= {
            cand --out 'Write to FILE, which must not exist and which only you can read, instead of stdout'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --with-secrets 'Export keys and passwords too, to the file of --out'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;device;import'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --force 'Replace what is configured of a device'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;device;passwd'= {
            cand --key 'Use the private key in FILE (PKCS#8 or PKCS#1, readable only by its owner), or on a token: pkcs11:token=…;object=…'
            cand --passphrase-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --pin-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --password-file 'Read the device''s password from FILE'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --broker 'Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --new-key 'Make a key pair for the device'
            cand --password-stdin 'Read the device''s password from stdin, at a terminal without showing it'
            cand --generate-password 'Make a password for the device and store it in a file that only its owner can read'
            cand --plain-password 'Send the password itself instead of its hash; refuses a password that the marketplace''s shell would change'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --no-check 'Do not log in at the broker afterwards'
            cand --no-save 'Do not save the device in the configuration'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;device;rotate'= {
            cand --bits 'Make a modulus of N bits'
            cand --to 'Rotate to this key on a PKCS#11 token, pkcs11:token=…;object=…, instead of making one'
            cand --key 'Use the private key in FILE (PKCS#8 or PKCS#1, readable only by its owner), or on a token: pkcs11:token=…;object=…'
            cand --passphrase-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --pin-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --password-file 'Read the device''s present password from FILE'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --broker 'Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;device;repair'= {
            cand --key 'Use the private key in FILE (PKCS#8 or PKCS#1, readable only by its owner), or on a token: pkcs11:token=…;object=…'
            cand --passphrase-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --pin-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --password-file 'Read the device''s password from FILE'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --broker 'Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --yes 'Do not ask for confirmation'
            cand --new-key 'Make a key pair for the device'
            cand --password-stdin 'Read the device''s password from stdin, at a terminal without showing it'
            cand --generate-password 'Make a password for the device and store it in a file that only its owner can read'
            cand --plain-password 'Send the password itself instead of its hash; refuses a password that the marketplace''s shell would change'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --no-save 'Do not save the device in the configuration'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;device;help'= {
            cand list 'List your devices at the marketplace, one full name per line'
            cand show 'Show a device: its number at the marketplace, its namesakes, and its key or password file here'
            cand delete 'Delete a device at the marketplace, and check that it is gone'
            cand add 'Add a device that is already registered to the configuration'
            cand export 'Print devices of the configuration as TOML tables, which ''device import'' reads'
            cand import 'Add the devices of TOML tables to the configuration, as ''device export'' prints them'
            cand passwd 'Give a device another password or key at the marketplace, and prove that it logs in'
            cand rotate 'Give a device a new key pair, or a new password, and prove it before the old one is replaced'
            cand repair 'Replace a device that cannot log in: delete every row of its name, and register it once'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;device;help;list'= {
        }
        &'i3;device;help;show'= {
        }
        &'i3;device;help;delete'= {
        }
        &'i3;device;help;add'= {
        }
        &'i3;device;help;export'= {
        }
        &'i3;device;help;import'= {
        }
        &'i3;device;help;passwd'= {
        }
        &'i3;device;help;rotate'= {
        }
        &'i3;device;help;repair'= {
        }
        &'i3;device;help;help'= {
        }
        &'i3;register'= {
            cand --hub 'Register it in this hub of yours, by its short or full name'
            cand --key 'Use the private key in FILE (PKCS#8 or PKCS#1, readable only by its owner), or on a token: pkcs11:token=…;object=…'
            cand --passphrase-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --pin-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --password-file 'Read the device''s password from FILE'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --broker 'Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --new-key 'Make a key pair for the device'
            cand --password-stdin 'Read the device''s password from stdin, at a terminal without showing it'
            cand --generate-password 'Make a password for the device and store it in a file that only its owner can read'
            cand --plain-password 'Send the password itself instead of its hash; refuses a password that the marketplace''s shell would change'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --no-check 'Do not log in at the broker afterwards'
            cand --no-save 'Do not save the device in the configuration'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;request'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List the requests that wait for a decision, the oldest first'
            cand approve 'Approve a request: its buyer may use the topic from then on'
            cand decline 'Decline a request: its buyer gets no access'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;request;list'= {
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;request;approve'= {
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --yes 'Do not ask for confirmation'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;request;decline'= {
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --yes 'Do not ask for confirmation'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;request;help'= {
            cand list 'List the requests that wait for a decision, the oldest first'
            cand approve 'Approve a request: its buyer may use the topic from then on'
            cand decline 'Decline a request: its buyer gets no access'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;request;help;list'= {
        }
        &'i3;request;help;approve'= {
        }
        &'i3;request;help;decline'= {
        }
        &'i3;request;help;help'= {
        }
        &'i3;sales'= {
            cand --topic 'List this topic only'
            cand --hub 'List the topics of this hub only: USER/HUB'
            cand --since 'List nothing older than this: 2026-11-01 (UTC), or 2026-11-01T08:00:00Z'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --totals 'Print a line for each topic instead: topic, count, quantity, amount'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;purchases'= {
            cand --topic 'List this topic only'
            cand --hub 'List the topics of this hub only: USER/HUB'
            cand --since 'List nothing older than this: 2026-11-01 (UTC), or 2026-11-01T08:00:00Z'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --totals 'Print a line for each topic instead: topic, count, quantity, amount'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;notifications'= {
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --unread 'List only those that are not marked as read'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List the notifications that are not archived'
            cand read 'Mark notifications as read'
            cand archive 'Archive notifications: the marketplace no longer shows them and cannot restore them'
            cand broker-password 'Print the broker password: a buyer''s account logs in to the broker with it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;notifications;list'= {
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --unread 'List only those that are not marked as read'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;notifications;read'= {
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --all 'Select all notifications'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;notifications;archive'= {
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --all 'Select all notifications'
            cand --include-password 'With --all, archive the notification with the broker password as well'
            cand --yes 'Do not ask for confirmation'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;notifications;broker-password'= {
            cand --out 'Write it to FILE, readable only by its owner, and print nothing'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;notifications;help'= {
            cand list 'List the notifications that are not archived'
            cand read 'Mark notifications as read'
            cand archive 'Archive notifications: the marketplace no longer shows them and cannot restore them'
            cand broker-password 'Print the broker password: a buyer''s account logs in to the broker with it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;notifications;help;list'= {
        }
        &'i3;notifications;help;read'= {
        }
        &'i3;notifications;help;archive'= {
        }
        &'i3;notifications;help;broker-password'= {
        }
        &'i3;notifications;help;help'= {
        }
        &'i3;buy'= {
            cand --quantity 'Buy N units'
            cand --request-message 'Send this message to the seller of a restricted product'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --yes 'Do not ask for confirmation'
            cand --clear-cart 'Empty the cart instead, so that no purchase books what is in it'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;token'= {
            cand --key 'Use the private key in FILE (PKCS#8 or PKCS#1, readable only by its owner), or on a token: pkcs11:token=…;object=…'
            cand --passphrase-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --pin-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --expires-in 'Make the token valid for TIME: 90s, 15m, 1h, 1d'
            cand --issuer 'Write this issuer (iss) into it instead of the device''s name'
            cand --out 'Write it to FILE, which only you can read, instead of stdout; replaces a token that is there'
            cand --log-format 'Write notes, warnings and errors as text, or as one JSON object on each line'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand -n 'Print no newline after it'
            cand --renew 'Keep a valid token in the file until a signal ends this'
            cand --inspect 'Read a token from stdin and show its claims, the time left, and whether the key signed it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;pub'= {
            cand -t 'Publish to this topic, in full: USER/HUB/PRODUCT'
            cand --topic 'Publish to this topic, in full: USER/HUB/PRODUCT'
            cand -m 'Send this message'
            cand --message 'Send this message'
            cand -f 'Send the contents of FILE, byte for byte'
            cand --file 'Send the contents of FILE, byte for byte'
            cand -q 'Quality of service'
            cand --qos 'Quality of service'
            cand --confirm 'Prove delivery of the first message to each topic, of all, or of none'
            cand --retry 'Retry up to N times if the broker cannot be reached, is busy or does not answer, or the connection ends; can deliver twice'
            cand --max-line 'Refuse lines that are longer than SIZE bytes: 1000, 64K, 1M'
            cand --rejects 'Append lines that cannot be published to FILE instead of counting them as failed'
            cand --stamp 'Add the time at which a message was read: in this field of its JSON object, or in MQTT 5''s user property "time"'
            cand --rate 'Send at most this many messages per second, minute or hour: 100/s, 30/m'
            cand --window 'Send up to N messages before the first is acknowledged [default: 10000, at QoS 2 20, with --confirm all 100]'
            cand --grace 'After SIGINT, SIGTERM or SIGHUP, wait this long for everything to be acknowledged'
            cand --deadline 'End after this time, whatever is left: 1h'
            cand --retry-refused 'Once logged in, try refused credentials again for this long: the broker refuses all while its database is down. A topic that was refused, or three messages in a row to which were, each by closing the connection, is tried again after this time'
            cand --spool 'Store each line on disk before it is sent, in DIR or the device''s own folder; without a network lines wait there'
            cand --spool-max 'Let the spool hold at most SIZE: 100M, 2G'
            cand --spool-age 'Drop lines that have waited longer than TIME: 2d'
            cand --spool-full 'When the spool or the disk is full, hold the producer back, drop the oldest lines, or fail'
            cand --device 'Log in as this device, by its full or short name [env: I3_DEVICE]'
            cand -u 'Log in with this user name: a full device name, or an account''s name'
            cand --username 'Log in with this user name: a full device name, or an account''s name'
            cand -P 'Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]'
            cand --pw 'Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]'
            cand --pw-file 'Read the password or token from FILE'
            cand --key 'Use the private key in FILE (PKCS#8 or PKCS#1, readable only by its owner), or on a token: pkcs11:token=…;object=…'
            cand --passphrase-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --pin-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --broker 'Connect to mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]'
            cand -h 'Connect to HOST; without a value, print this help'
            cand --host 'Connect to HOST; without a value, print this help'
            cand -p 'Connect to this port'
            cand --port 'Connect to this port'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s; with -h, also turns TLS on'
            cand -V 'Speak this version of MQTT; I3''s released broker speaks 3.1.1 only'
            cand --protocol-version 'Speak this version of MQTT; I3''s released broker speaks 3.1.1 only'
            cand -i 'Use this client id instead of a random one'
            cand --id 'Use this client id instead of a random one'
            cand -k 'Send a ping after SECONDS without traffic'
            cand --keepalive 'Send a ping after SECONDS without traffic'
            cand --timeout 'Give up after this time: 10s, 1m'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand -s 'Send all of stdin as one message, byte for byte'
            cand --stdin-file 'Send all of stdin as one message, byte for byte'
            cand -n 'Send an empty message; with -r it removes the retained one'
            cand --null-message 'Send an empty message; with -r it removes the retained one'
            cand -r 'Have the broker keep the message for later subscribers'
            cand --retain 'Have the broker keep the message for later subscribers'
            cand --allow-secret 'Send the message although it holds a private key'
            cand --no-agent 'Publish without the agent, even if one is running'
            cand -l 'Send each line of stdin as a message'
            cand --lines 'Send each line of stdin as a message'
            cand -0 'Send each NUL-terminated piece of stdin as a message, newlines included'
            cand --null 'Send each NUL-terminated piece of stdin as a message, newlines included'
            cand --topic-per-line 'Read lines as TOPIC, a tab, PAYLOAD'
            cand --jsonl 'Read lines as JSON objects: "topic", "payload" or "payload_base64", "qos", "retain"'
            cand --strict 'End at the first line that cannot be published'
            cand --spool-ok 'End with exit code 0 if the lines are safe in the spool and could not be delivered'
            cand --pw-stdin 'Read the password or token from stdin, at a terminal without showing it'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything; with -h, also turns TLS on'
            cand --help 'Print help'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
        }
        &'i3;sub'= {
            cand -t 'Subscribe to this topic, in full: USER/HUB/PRODUCT; may be repeated'
            cand --topic 'Subscribe to this topic, in full: USER/HUB/PRODUCT; may be repeated'
            cand --hub 'Subscribe as a device to every product that its hub HUB has now'
            cand --market 'Ask this marketplace for the topics: http://HOST[:PORT] or https:// [env: I3_MARKET]'
            cand --api-key-file 'Read the API key from FILE, for --hub [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand -C 'End after COUNT messages'
            cand -W 'End after this time: 30s, 5m'
            cand -q 'Quality of service to subscribe with'
            cand --qos 'Quality of service to subscribe with'
            cand --unsubscribe 'End the kept session''s subscription to TOPIC, which an earlier run has left; may be repeated'
            cand --retry 'Retry up to N times if the broker cannot be reached or the connection ends before there is a subscription'
            cand --max-message 'Leave out messages of more than SIZE bytes: 1000, 64K, 1M; the exit code is 65 then'
            cand -F 'Print each message in this format'
            cand --plot 'Draw the payloads, or this field of their JSON, as a live chart: .free, .lots[0].free'
            cand --plot-png 'Draw the chart as a picture to FILE, again every few seconds; --plot names the field'
            cand --device 'Log in as this device, by its full or short name [env: I3_DEVICE]'
            cand -u 'Log in with this user name: a full device name, or an account''s name'
            cand --username 'Log in with this user name: a full device name, or an account''s name'
            cand -P 'Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]'
            cand --pw 'Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]'
            cand --pw-file 'Read the password or token from FILE'
            cand --key 'Use the private key in FILE (PKCS#8 or PKCS#1, readable only by its owner), or on a token: pkcs11:token=…;object=…'
            cand --passphrase-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --pin-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --broker 'Connect to mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]'
            cand -h 'Connect to HOST; without a value, print this help'
            cand --host 'Connect to HOST; without a value, print this help'
            cand -p 'Connect to this port'
            cand --port 'Connect to this port'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s; with -h, also turns TLS on'
            cand -V 'Speak this version of MQTT; I3''s released broker speaks 3.1.1 only'
            cand --protocol-version 'Speak this version of MQTT; I3''s released broker speaks 3.1.1 only'
            cand -i 'Use this client id instead of a random one'
            cand --id 'Use this client id instead of a random one'
            cand -k 'Send a ping after SECONDS without traffic'
            cand --keepalive 'Send a ping after SECONDS without traffic'
            cand --timeout 'Give up after this time: 10s, 1m'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --purchased 'Subscribe as a buyer to every product that this account has bought'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand -R 'Leave out retained messages, which the broker kept from earlier'
            cand --retained-only 'Print retained messages, and end when the broker has sent them'
            cand -c 'Have the broker keep what comes while this id is away, even after the end; needs --id and -q 1 or 2'
            cand --keep-session 'Have the broker keep what comes while this id is away, even after the end; needs --id and -q 1 or 2'
            cand -E 'End as soon as the broker has granted the subscription: with -c it keeps messages from then on'
            cand --raw 'Print messages to a terminal as they are, control characters included'
            cand -N 'Print no newline after a message'
            cand --pw-stdin 'Read the password or token from stdin, at a terminal without showing it'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything; with -h, also turns TLS on'
            cand --help 'Print help'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
        }
        &'i3;spool'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand status 'Show how many lines wait and since when, what was dropped, and whether a process drains the spool'
            cand drain 'Publish what is in the spool, oldest first'
            cand export 'Print the waiting lines, oldest first, or write them to a file; they stay in the spool'
            cand purge 'Throw away waiting lines: those of a topic, those that are too old, one, or all'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;spool;status'= {
            cand --spool 'Use the spool in DIR instead of the device''s own'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'i3;spool;drain'= {
            cand --spool 'Drain the spool in DIR, not the device''s own'
            cand --confirm 'Prove delivery of the first message to each topic, of all, or of none'
            cand --retry 'Retry up to N times if the broker cannot be reached'
            cand --rejects 'Move what cannot be published to FILE, as lines that `i3 pub --jsonl` reads'
            cand --window 'Send up to N messages before the first is acknowledged [default: 10000, at QoS 2 20, with --confirm all 100]'
            cand --rate 'Send at most this many messages per second, minute or hour: 100/s, 30/m'
            cand --grace 'After SIGINT, SIGTERM or SIGHUP, wait this long for everything to be acknowledged'
            cand --deadline 'End after this time, whatever is left: 1h'
            cand --retry-refused 'Once logged in, try refused credentials again for this long: the broker refuses all while its database is down. A topic that was refused, or three messages in a row to which were, each by closing the connection, is tried again after this time'
            cand --device 'Log in as this device, by its full or short name [env: I3_DEVICE]'
            cand -u 'Log in with this user name: a full device name, or an account''s name'
            cand --username 'Log in with this user name: a full device name, or an account''s name'
            cand -P 'Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]'
            cand --pw 'Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]'
            cand --pw-file 'Read the password or token from FILE'
            cand --key 'Use the private key in FILE (PKCS#8 or PKCS#1, readable only by its owner), or on a token: pkcs11:token=…;object=…'
            cand --passphrase-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --pin-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --broker 'Connect to mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]'
            cand -h 'Connect to HOST; without a value, print this help'
            cand --host 'Connect to HOST; without a value, print this help'
            cand -p 'Connect to this port'
            cand --port 'Connect to this port'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s; with -h, also turns TLS on'
            cand -V 'Speak this version of MQTT; I3''s released broker speaks 3.1.1 only'
            cand --protocol-version 'Speak this version of MQTT; I3''s released broker speaks 3.1.1 only'
            cand -i 'Use this client id instead of a random one'
            cand --id 'Use this client id instead of a random one'
            cand -k 'Send a ping after SECONDS without traffic'
            cand --keepalive 'Send a ping after SECONDS without traffic'
            cand --timeout 'Give up after this time: 10s, 1m'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --stamp 'With -V 5, add the time at which a message was taken, in the user property "time"'
            cand --pw-stdin 'Read the password or token from stdin, at a terminal without showing it'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything; with -h, also turns TLS on'
            cand --help 'Print help'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
        }
        &'i3;spool;export'= {
            cand --spool 'Use the spool in DIR instead of the device''s own'
            cand --record 'Export only record N, as numbered in an error message'
            cand --format 'Write lines in this format'
            cand --out 'Write lines to FILE, which must not exist'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;spool;purge'= {
            cand --spool 'Use the spool in DIR instead of the device''s own'
            cand --topic 'Throw away lines for this topic'
            cand --older-than 'Throw away lines that were taken longer ago: 90s, 2h, 7d'
            cand --record 'Throw away only record N, as numbered in an error message'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --all 'Throw everything away'
            cand --yes 'Do not ask for confirmation'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;spool;help'= {
            cand status 'Show how many lines wait and since when, what was dropped, and whether a process drains the spool'
            cand drain 'Publish what is in the spool, oldest first'
            cand export 'Print the waiting lines, oldest first, or write them to a file; they stay in the spool'
            cand purge 'Throw away waiting lines: those of a topic, those that are too old, one, or all'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;spool;help;status'= {
        }
        &'i3;spool;help;drain'= {
        }
        &'i3;spool;help;export'= {
        }
        &'i3;spool;help;purge'= {
        }
        &'i3;spool;help;help'= {
        }
        &'i3;agent'= {
            cand --idle 'Close a connection over which nothing was published for this time'
            cand --log-format 'Write notes, warnings and errors as text, or as one JSON object on each line'
            cand --stats 'Log the tally this often, such as 60s; SIGUSR1 logs it at once'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --background 'Continue in the background once callers are accepted'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand status 'Show the devices that the agent publishes as'
            cand stop 'End the agent after what is on its way'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;agent;status'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;agent;stop'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;agent;help'= {
            cand status 'Show the devices that the agent publishes as'
            cand stop 'End the agent after what is on its way'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;agent;help;status'= {
        }
        &'i3;agent;help;stop'= {
        }
        &'i3;agent;help;help'= {
        }
        &'i3;gateway'= {
            cand --log-ins 'Log in at I3''s broker at most so often, over all devices: it serves nobody while it checks a token'
            cand --idle 'Close a device''s connection over which nothing was published for this time'
            cand --confirm 'Which messages must come back, as proof that they were delivered'
            cand --timeout 'Wait this long for an acknowledgement, an echo or an answer'
            cand --grace 'At the end, wait this long for what is on its way'
            cand --retry-refused 'Try refused credentials that have worked again for this long, and a topic that was refused after this time'
            cand --spool 'Store each message on disk before it is published, in a folder of DIR or the device''s own: for sources that keep nothing, such as messages at QoS 0'
            cand --spool-max 'Let the spool of a device hold at most SIZE, such as 100M; then its sources are held back'
            cand --log-format 'Write notes, warnings and errors as text, or as one JSON object on each line'
            cand --stats 'Log the tally this often, such as 60s; SIGUSR1 logs it at once'
            cand --metrics 'Serve metrics for Prometheus at http://ADDR/metrics; a port alone is one of loopback, 0 any free one'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand check 'Explain what a gateway would do with FILE, without connecting to anything'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;gateway;check'= {
            cand --topic 'Show what becomes of a message with this topic, or NATS subject, at its source'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;gateway;help'= {
            cand check 'Explain what a gateway would do with FILE, without connecting to anything'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;gateway;help;check'= {
        }
        &'i3;gateway;help;help'= {
        }
        &'i3;config'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand path 'Print the path of the config file that ''config set'' writes'
            cand get 'Print a setting as the commands would use it'
            cand set 'Set a key in the config file'
            cand unset 'Remove a key from the config file'
            cand list 'List what is set: key, value and where it comes from'
            cand check 'Check the config files: their keys, addresses, names, and the files that they name'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;config;path'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;config;get'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;config;set'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;config;unset'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'i3;config;list'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;config;check'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;config;help'= {
            cand path 'Print the path of the config file that ''config set'' writes'
            cand get 'Print a setting as the commands would use it'
            cand set 'Set a key in the config file'
            cand unset 'Remove a key from the config file'
            cand list 'List what is set: key, value and where it comes from'
            cand check 'Check the config files: their keys, addresses, names, and the files that they name'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;config;help;path'= {
        }
        &'i3;config;help;get'= {
        }
        &'i3;config;help;set'= {
        }
        &'i3;config;help;unset'= {
        }
        &'i3;config;help;list'= {
        }
        &'i3;config;help;check'= {
        }
        &'i3;config;help;help'= {
        }
        &'i3;doctor'= {
            cand -t 'Examine whether the device can use this topic; by default, the only product of its hub'
            cand --topic 'Examine whether the device can use this topic; by default, the only product of its hub'
            cand --probe-message 'Publish this message to the topic, which its buyers see'
            cand -i 'Try this client id as well; this disconnects a client that uses it'
            cand --id 'Try this client id as well; this disconnects a client that uses it'
            cand --key 'Use the private key in FILE (PKCS#8 or PKCS#1, readable only by its owner), or on a token: pkcs11:token=…;object=…'
            cand --passphrase-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --pin-file 'Read the passphrase of an encrypted key, or the PIN of its token, from FILE'
            cand --pw-file 'Log in with the password or token in FILE'
            cand --broker 'Examine this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]'
            cand --buyer 'Check that this account, which bought the topic, receives the message [env: I3_BUYER]'
            cand --buyer-pw-file 'Read the buyer''s broker password from FILE [env: I3_BUYER_PASSWORD]'
            cand --market 'Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]'
            cand --cafile 'Trust the certificates in FILE (PEM or DER) instead of the system''s'
            cand --timeout 'Give up a request after this time: 30s, 1m'
            cand --deadline 'Give up once all requests to the marketplace together have taken this time: 10m, 1h'
            cand --max-download 'Give up once the marketplace has sent this much in all: 64M, 1G'
            cand --via 'Use the REST API, the log-in form, or whichever works'
            cand --api-key-file 'Read the API key from FILE [env: I3_API_KEY]'
            cand --user 'Log in to the forms as this user [env: I3_USER]'
            cand --login-password-file 'Read the user''s log-in password from FILE [env: I3_LOGIN_PASSWORD]'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --offline 'Run only the checks that need no network'
            cand --publish 'Publish a message to the topic, which its buyers see'
            cand --fix 'Fix what can safely be fixed, and check again'
            cand --yes 'With --fix, change the marketplace without asking'
            cand --insecure 'Accept any certificate: anyone on the way can read and change everything'
            cand --login-password-stdin 'Read the user''s log-in password from stdin, at a terminal without showing it'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;explain'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;sandbox'= {
            cand --state 'Keep accounts, hubs, products and devices in FILE from one start to the next'
            cand --devices 'Register N devices of alice/parking, bay1 to bayN, and configure them'
            cand --market-port 'Listen on this port for the marketplace; 0 is any free port'
            cand --broker-port 'Listen on this port for the broker; 0 is any free port'
            cand --house-port 'Listen on this port for the broker of --house; 0 is any free port'
            cand --permission-cache 'Let the broker remember permissions for this time'
            cand --token-cost 'Let each log-in by token block all clients of the broker for this time'
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --background 'Continue in the background once everything answers'
            cand --house 'Run a plain MQTT broker as well, in place of the one in a seller''s house'
            cand --no-rest 'Leave out the REST endpoints for devices and hubs, as the released I3-Core does'
            cand --no-mqtt5 'Answer MQTT 5 with CONNACK 1, as the released broker does'
            cand --mail-down 'Simulate a broken mail server: whatever creates something answers 500'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;demo'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand gateway 'Show a gateway at work: from the broker of a house to the buyer''s screen, and what becomes of a message that I3 refuses'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;demo;gateway'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;demo;help'= {
            cand gateway 'Show a gateway at work: from the broker of a house to the buyer''s screen, and what becomes of a message that I3 refuses'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;demo;help;gateway'= {
        }
        &'i3;demo;help;help'= {
        }
        &'i3;completions'= {
            cand --config 'Read FILE as the configuration instead of the user''s [env: I3_CONFIG]'
            cand --profile 'Use the configuration, devices and log-ins of this profile, which are its own [env: I3_PROFILE]'
            cand --json 'Print results, and errors, as JSON'
            cand --quiet 'Say nothing but warnings and errors'
            cand -v 'Say what is being done'
            cand --verbose 'Say what is being done'
            cand --allow-loose-permissions 'Accept keys and passwords that other users can read, and folders that belong to others [env: I3_ALLOW_LOOSE_PERMISSIONS=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'i3;help'= {
            cand keygen 'Make an RSA key pair, and print the public key body as I3''s form needs it'
            cand pubkey 'Print the public half of a private key'
            cand signup 'Create an account at the marketplace and log in with it'
            cand login 'Log in at the marketplace, and keep the API key and the session for the other commands'
            cand logout 'Remove the API key and the session that ''login'' kept for a marketplace'
            cand whoami 'Show your user name in the case in which the marketplace stores it'
            cand hub 'List and create hubs: what products and devices belong to'
            cand product 'List, show, search, create, edit and delete products: the topics that are sold'
            cand device 'List, show, delete and repair devices at the marketplace, give them another password or key, and configure them here'
            cand register 'Register a device with the marketplace, and prove that it can log in'
            cand request 'List, approve and decline requests for restricted products'
            cand sales 'List what you sold: topic, buyer, quantity, amount and time of each sale'
            cand purchases 'List what you bought: topic, seller, quantity, amount and time of each purchase'
            cand notifications 'List what the marketplace notified you of; mark as read, archive, and print the broker password'
            cand buy 'Buy a product: this costs money'
            cand token 'Print a time-limited token that logs the device in'
            cand pub 'Publish a message, or each line of stdin, and say whether it arrived'
            cand sub 'Print what arrives at a topic, as its buyer sees it, or draw it'
            cand spool 'Look at lines that wait on disk, send them, save them, or throw them away'
            cand agent 'Keep one connection for each device, which every ''i3 pub'' of this user then publishes over'
            cand gateway 'Take messages from MQTT brokers and NATS streams, and publish them as your devices'
            cand config 'Show, change and check the configuration'
            cand doctor 'Find out why a device''s messages do not arrive, and how to fix it'
            cand explain 'Explain a code, an exit status or an error message of I3, the broker or this program'
            cand sandbox 'Run an I3 on this machine: marketplace and broker, with a seller, a buyer, a hub and a product'
            cand demo 'Run a demonstration on a sandbox: key, device, token, message, the buyer''s screen, and what is refused'
            cand completions 'Print a completion script for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'i3;help;keygen'= {
        }
        &'i3;help;pubkey'= {
        }
        &'i3;help;signup'= {
        }
        &'i3;help;login'= {
        }
        &'i3;help;logout'= {
        }
        &'i3;help;whoami'= {
        }
        &'i3;help;hub'= {
            cand list 'List your hubs, one full name per line'
            cand create 'Create a hub and check that it exists'
        }
        &'i3;help;hub;list'= {
        }
        &'i3;help;hub;create'= {
        }
        &'i3;help;product'= {
            cand list 'List your products: topic, price, type and description, between tabs'
            cand show 'Show a product, with everything that the marketplace shows of it'
            cand search 'Search the products of all sellers: topic, price, type and description, between tabs'
            cand create 'Create a product and check that it exists'
            cand edit 'Change a product of yours, and check that it is changed'
            cand repair 'Save a product again as it is: this grants the devices of its hub the permissions that they lack'
            cand delete 'Delete a product of yours with its sales history, and check that it is gone'
        }
        &'i3;help;product;list'= {
        }
        &'i3;help;product;show'= {
        }
        &'i3;help;product;search'= {
        }
        &'i3;help;product;create'= {
        }
        &'i3;help;product;edit'= {
        }
        &'i3;help;product;repair'= {
        }
        &'i3;help;product;delete'= {
        }
        &'i3;help;device'= {
            cand list 'List your devices at the marketplace, one full name per line'
            cand show 'Show a device: its number at the marketplace, its namesakes, and its key or password file here'
            cand delete 'Delete a device at the marketplace, and check that it is gone'
            cand add 'Add a device that is already registered to the configuration'
            cand export 'Print devices of the configuration as TOML tables, which ''device import'' reads'
            cand import 'Add the devices of TOML tables to the configuration, as ''device export'' prints them'
            cand passwd 'Give a device another password or key at the marketplace, and prove that it logs in'
            cand rotate 'Give a device a new key pair, or a new password, and prove it before the old one is replaced'
            cand repair 'Replace a device that cannot log in: delete every row of its name, and register it once'
        }
        &'i3;help;device;list'= {
        }
        &'i3;help;device;show'= {
        }
        &'i3;help;device;delete'= {
        }
        &'i3;help;device;add'= {
        }
        &'i3;help;device;export'= {
        }
        &'i3;help;device;import'= {
        }
        &'i3;help;device;passwd'= {
        }
        &'i3;help;device;rotate'= {
        }
        &'i3;help;device;repair'= {
        }
        &'i3;help;register'= {
        }
        &'i3;help;request'= {
            cand list 'List the requests that wait for a decision, the oldest first'
            cand approve 'Approve a request: its buyer may use the topic from then on'
            cand decline 'Decline a request: its buyer gets no access'
        }
        &'i3;help;request;list'= {
        }
        &'i3;help;request;approve'= {
        }
        &'i3;help;request;decline'= {
        }
        &'i3;help;sales'= {
        }
        &'i3;help;purchases'= {
        }
        &'i3;help;notifications'= {
            cand list 'List the notifications that are not archived'
            cand read 'Mark notifications as read'
            cand archive 'Archive notifications: the marketplace no longer shows them and cannot restore them'
            cand broker-password 'Print the broker password: a buyer''s account logs in to the broker with it'
        }
        &'i3;help;notifications;list'= {
        }
        &'i3;help;notifications;read'= {
        }
        &'i3;help;notifications;archive'= {
        }
        &'i3;help;notifications;broker-password'= {
        }
        &'i3;help;buy'= {
        }
        &'i3;help;token'= {
        }
        &'i3;help;pub'= {
        }
        &'i3;help;sub'= {
        }
        &'i3;help;spool'= {
            cand status 'Show how many lines wait and since when, what was dropped, and whether a process drains the spool'
            cand drain 'Publish what is in the spool, oldest first'
            cand export 'Print the waiting lines, oldest first, or write them to a file; they stay in the spool'
            cand purge 'Throw away waiting lines: those of a topic, those that are too old, one, or all'
        }
        &'i3;help;spool;status'= {
        }
        &'i3;help;spool;drain'= {
        }
        &'i3;help;spool;export'= {
        }
        &'i3;help;spool;purge'= {
        }
        &'i3;help;agent'= {
            cand status 'Show the devices that the agent publishes as'
            cand stop 'End the agent after what is on its way'
        }
        &'i3;help;agent;status'= {
        }
        &'i3;help;agent;stop'= {
        }
        &'i3;help;gateway'= {
            cand check 'Explain what a gateway would do with FILE, without connecting to anything'
        }
        &'i3;help;gateway;check'= {
        }
        &'i3;help;config'= {
            cand path 'Print the path of the config file that ''config set'' writes'
            cand get 'Print a setting as the commands would use it'
            cand set 'Set a key in the config file'
            cand unset 'Remove a key from the config file'
            cand list 'List what is set: key, value and where it comes from'
            cand check 'Check the config files: their keys, addresses, names, and the files that they name'
        }
        &'i3;help;config;path'= {
        }
        &'i3;help;config;get'= {
        }
        &'i3;help;config;set'= {
        }
        &'i3;help;config;unset'= {
        }
        &'i3;help;config;list'= {
        }
        &'i3;help;config;check'= {
        }
        &'i3;help;doctor'= {
        }
        &'i3;help;explain'= {
        }
        &'i3;help;sandbox'= {
        }
        &'i3;help;demo'= {
            cand gateway 'Show a gateway at work: from the broker of a house to the buyer''s screen, and what becomes of a message that I3 refuses'
        }
        &'i3;help;demo;gateway'= {
        }
        &'i3;help;completions'= {
        }
        &'i3;help;help'= {
        }
    ]
    $completions[$command]
}
