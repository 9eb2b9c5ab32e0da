//! What `i3` refuses before anything is sent: for i3(1) and for docs/silent-failures.md.

/// The refusals and their reasons; input is in back-quotes.
pub const REFUSED: &[(&str, &str)] = &[
    (
        "a private key where a password belongs, in any format: PEM, DER, OpenSSH, PuTTY, JWK, .NET, BIND, GnuPG, WireGuard, age, as OpenSSL prints it, in base64, hexadecimal, base32 or a list of bytes, compressed or escaped, the path of a key file",
        r#"it would be sent to the broker, which answers "not authorized" as to any wrong password. Use `--key FILE`; the token is made for you"#,
    ),
    (
        "a public key, or a `PBKDF2$…` hash, as a password",
        "it cannot log in; the broker wants the private key's token, or the original password",
    ),
    (
        "a token that has expired, that another key signed, that has `aud` or a future `nbf`, or blanks around it",
        r#"the broker refuses it with the same "not authorized""#,
    ),
    (
        "a token for no time, or for over a year",
        "a token without an expiry is valid forever; only a new key revokes it",
    ),
    (
        "`-t occupancy`, wildcards, a topic outside the device's hub without `--any-hub`",
        "the broker acknowledges such a message and drops it, or closes the connection",
    ),
    ("a client id with `+`, `#` or `/`", "such a client connects, and all its messages are dropped"),
    (
        "a device whose name is taken in any case",
        "`LOT1` beside `lot1` is registered without an error, and then neither can log in",
    ),
    (
        "a hub or a product whose name is taken in any case",
        "hubs that differ only in case share their permissions; about a duplicate the form says nothing",
    ),
    (
        "a product with `+`, `#` or `%` in its name, or with a topic of over 30 characters",
        "it is stored but nobody can publish to it, or it is not stored",
    ),
    ("a public key of over 500 characters (2,696 bits)", "the form comes back blank"),
    (
        "`--plain-password` with a character that a shell would touch",
        "the server passes it through a shell, which stores another password or runs it",
    ),
    (
        "a key or password file that others can read",
        "anybody with an account on this machine could log in as the device; ssh refuses such files, too",
    ),
];

/// The table in `docs/silent-failures.md`.
pub fn table() -> String {
    let rows = REFUSED.iter().map(|(what, why)| format!("| {what} | {why} |\n"));
    format!("\n| refused | because on I3 |\n|---|---|\n{}\n", rows.collect::<String>())
}
