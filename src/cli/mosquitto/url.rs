//! `-L URL`: user, password, broker and topic in one, as mosquitto's programs read them.

use zeroize::Zeroizing;

/// The parts of a URL; missing ones are `None`.
pub struct Parts {
    pub broker: String,
    pub user: Option<String>,
    pub password: Option<Zeroizing<String>>,
    pub topic: Option<String>,
    /// It has a query (`?password=…`), which is not part of a topic and may be a secret.
    pub query: bool,
}

/// Takes a URL apart: `mqtt(s)://[USER[:PASSWORD]@]HOST[:PORT][/TOPIC]`, or `ws(s)://` with a path for the WebSocket instead of a topic.
/// As there, nothing in it is percent-encoded. Returns `None` if it has no scheme.
pub fn split(url: &str) -> Option<Parts> {
    let (scheme, rest) = url.split_once("://")?;
    let is_web = ["ws", "wss"].iter().any(|web| web.eq_ignore_ascii_case(scheme));
    let (place, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let (user_info, host) = place.rsplit_once('@').map_or((None, place), |(user, host)| (Some(user), host));
    let (user, password) = match user_info.map(|info| info.split_once(':').map_or((info, None), |(u, p)| (u, Some(p))))
    {
        Some((user, password)) => (Some(user.to_owned()), password.map(|text| Zeroizing::new(text.to_owned()))),
        None => (None, None),
    };
    let (kept, topic) = if is_web { (path, "") } else { ("", path.strip_prefix('/').unwrap_or_default()) };
    let topic = (!topic.is_empty()).then(|| topic.to_owned());
    let query =
        !is_web && [host, path].iter().any(|part| part.split_once('?').is_some_and(|(_, query)| query.contains('=')));
    Some(Parts { broker: format!("{scheme}://{host}{kept}"), user, password, topic, query })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_found() {
        for (url, broker, user, password, topic) in [
            ("mqtt://h", "mqtt://h", None, None, None),
            ("mqtt://h/", "mqtt://h", None, None, None),
            ("mqtts://[::1]:8884/a/b/c", "mqtts://[::1]:8884", None, None, Some("a/b/c")),
            ("mqtt://alice$p$l:x%40y:z@h:1/a/b/c", "mqtt://h:1", Some("alice$p$l"), Some("x%40y:z"), Some("a/b/c")),
            ("mqtt://u@h/t", "mqtt://h", Some("u"), None, Some("t")),
            ("mqtt://u:p@q@h/t", "mqtt://h", Some("u"), Some("p@q"), Some("t")),
            ("wss://u:p@h:443/mqtt", "wss://h:443/mqtt", Some("u"), Some("p"), None),
        ] {
            let parts = split(url).unwrap();
            assert_eq!(parts.broker, broker);
            assert_eq!((parts.user.as_deref(), parts.topic.as_deref()), (user, topic), "{url}");
            assert_eq!(parts.password.as_ref().map(|text| text.as_str()), password);
        }
        assert!(split("h:1883/t").is_none());
        for (url, query) in [
            ("mqtt://h/t/u/v?password=x", true),
            ("mqtt://h?user=x&password=y", true),
            ("mqtt://u:p?a=b@h/t/u/v?", false),
            ("wss://h/mqtt?token=x", false),
        ] {
            assert_eq!(split(url).unwrap().query, query, "{url}");
        }
    }
}
