//! I3's names, checked when parsed: user, hub, device, product, topic (I3 facts §1).

use std::fmt;
use std::str::FromStr;

use crate::collation::same;

/// Longest full topic of a product, in characters; the marketplace answers 500 to a longer one and stores nothing.
pub const TOPIC_MAX_CHARS: usize = 30;
/// Shortest name of a product, in characters.
pub const PRODUCT_MIN_CHARS: usize = 4;
/// Longest user name that leaves room for the shortest hub and product in a topic: `USER/HUB/PROD`.
pub const SELLER_MAX_CHARS: usize = TOPIC_MAX_CHARS - "/hub/prod".len();
/// Longest topic or user name that MQTT can carry, in bytes (MQTT 3.1.1 §1.5.3).
const MQTT_STRING_MAX: usize = 65_535;

/// What is wrong with a name. Every variant carries the name as given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Something other than letters, digits and `_`.
    #[error("invalid user name '{0}': use letters, digits and _")]
    User(String),
    /// Hub and device names are 3 to 30 letters and digits.
    #[error("invalid {1} name '{0}': use 3 to 30 letters and digits")]
    Short(String, &'static str),
    /// The same for a new one.
    #[error("invalid {1} name '{0}': use 3 to 30 letters and digits")]
    NewShort(String, &'static str),
    /// A hub is `user/hub`.
    #[error("incomplete hub name '{0}' (expected USER/HUB)")]
    Hub(String),
    /// A device is `user$hub$device`.
    #[error("incomplete device name '{0}' (expected USER$HUB$DEVICE)")]
    Device(String),
    /// A topic is `user/hub/product`; `suggestion` is what was probably meant.
    #[error("incomplete topic '{topic}' (expected USER/HUB/PRODUCT)")]
    ShortTopic { topic: String, suggestion: Option<String> },
    /// Three levels or more, of which the first is not a user's name or the second not a hub's.
    #[error("invalid topic '{topic}' (expected USER/HUB/PRODUCT)")]
    TopicLevel { topic: String, source: Box<NameError> },
    /// A topic of the broker's own (MQTT 3.1.1 §4.7.2).
    #[error("the topic '{0}' is the broker's own: I3 sells none that begins with $")]
    OfBroker(String),
    /// `$share/GROUP/TOPIC` (MQTT 5 §4.8.2); `topic` is the topic that the group shares.
    #[error("'{shared}' is a shared subscription, which this program does not support")]
    Shared { shared: String, topic: Option<Topic> },
    /// `+` and `#` are filters, not names.
    #[error("the topic '{0}' contains a wildcard (+ or #)")]
    Wildcard(String),
    /// NUL, or over 65,535 bytes.
    #[error("the topic cannot be sent over MQTT: it contains a NUL or is longer than 65,535 bytes")]
    Unsendable,
    /// A product whose topic could never be published to, or that the marketplace would not store.
    #[error("invalid product name '{name}': {why}")]
    Product { name: String, why: &'static str },
    /// The whole topic is over [`TOPIC_MAX_CHARS`]: the marketplace answers 500 and stores nothing.
    #[error("the topic '{topic}' has {} characters: I3 stores at most {TOPIC_MAX_CHARS}", topic.chars().count())]
    LongTopic { topic: String },
    /// Over [`SELLER_MAX_CHARS`]: no topic of this seller is short enough, regardless of the hub.
    #[error(
        "no product fits under the user name '{user}': it has {} characters, and a full topic at most {TOPIC_MAX_CHARS}",
        user.chars().count()
    )]
    NoRoom { user: String },
    /// A new name outside ASCII: whether the broker finds it depends on its database client (I3 facts §6.1).
    #[error("invalid {what} name '{name}': '{character}' (character {position}) is not ASCII")]
    NotAscii { name: String, what: &'static str, character: char, position: usize },
}

/// Refuses a seller under whom no product fits, regardless of the hub.
///
/// # Errors
/// [`NameError::NoRoom`].
pub fn room_for_products(user: &str) -> Result<(), NameError> {
    match user.chars().count() > SELLER_MAX_CHARS {
        true => Err(NameError::NoRoom { user: user.into() }),
        false => Ok(()),
    }
}

/// Refuses a new name of a `what` that is not ASCII.
///
/// # Errors
/// [`NameError::NotAscii`].
pub fn require_ascii(name: &str, what: &'static str) -> Result<(), NameError> {
    match name.chars().zip(1..).find(|(c, _)| !c.is_ascii()) {
        Some((character, position)) => Err(NameError::NotAscii { name: name.into(), what, character, position }),
        None => Ok(()),
    }
}

/// A seller or buyer: letters of any script, digits and `_`, in the spelling that the marketplace stores.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserName(String);

/// The short name of a hub or of a device: 3 to 30 alphanumeric characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ShortName(String);

/// The short name of a product, `occupancy`: the last part of its topic. It may have levels (`deck/2`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProductName(String);

/// A hub in full, `alice/parking`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HubName {
    full: String,
    slash: usize,
}

/// A device in full, `alice$parking$lot1`: its user name at the broker.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeviceName {
    full: String,
    first: usize,
    second: usize,
}

/// A topic in full and free of wildcards, `alice/parking/occupancy`. Compared with case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Topic(String);

impl UserName {
    /// Returns the name as topics and device names spell it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.is_empty() || !text.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return Err(NameError::User(text.into()));
        }
        Ok(UserName(text.into()))
    }
}

impl ShortName {
    /// Checks a short hub name.
    ///
    /// # Errors
    /// [`NameError::Short`] unless it is 3 to 30 alphanumeric characters.
    pub fn hub(text: &str) -> Result<ShortName, NameError> {
        ShortName::parse(text, "hub")
    }

    /// Checks a short device name.
    ///
    /// # Errors
    /// [`NameError::Short`] unless it is 3 to 30 alphanumeric characters.
    pub fn device(text: &str) -> Result<ShortName, NameError> {
        ShortName::parse(text, "device")
    }

    /// Checks the short name of a new hub.
    ///
    /// # Errors
    /// [`NameError::NotAscii`], [`NameError::NewShort`].
    pub fn new_hub(text: &str) -> Result<ShortName, NameError> {
        ShortName::new(text, "hub")
    }

    /// Checks the short name of a new device.
    ///
    /// # Errors
    /// [`NameError::NotAscii`], [`NameError::NewShort`].
    pub fn new_device(text: &str) -> Result<ShortName, NameError> {
        ShortName::new(text, "device")
    }

    fn new(text: &str, what: &'static str) -> Result<ShortName, NameError> {
        let name = ShortName::parse(text, what).map_err(|_| NameError::NewShort(text.into(), what))?;
        require_ascii(text, what)?;
        Ok(name)
    }

    fn parse(text: &str, what: &'static str) -> Result<ShortName, NameError> {
        let length = text.chars().count();
        if !(3..=30).contains(&length) || !text.chars().all(char::is_alphanumeric) {
            return Err(NameError::Short(text.into(), what));
        }
        Ok(ShortName(text.into()))
    }

    /// Returns the name as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ProductName {
    /// Returns the name as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ProductName {
    /// Checks whether a new product may have this name; existing products may have others.
    ///
    /// # Errors
    /// [`NameError::NotAscii`].
    pub fn require_ascii(&self) -> Result<(), NameError> {
        require_ascii(&self.0, "product")
    }
}

impl FromStr for ProductName {
    type Err = NameError;

    /// The form takes any 4 to 30 characters; names whose topic nobody could publish to are refused here (I3 facts §1).
    fn from_str(text: &str) -> Result<Self, NameError> {
        let length = text.chars().count();
        let why = if !(PRODUCT_MIN_CHARS..=TOPIC_MAX_CHARS).contains(&length) {
            "the marketplace accepts 4 to 30 characters"
        } else if text.contains(['+', '#']) {
            "+ and # are wildcards, and no message can be published to them"
        } else if text.contains('%') {
            "the broker replaces %u and %c in it, so the literal topic is never permitted"
        } else if text.chars().any(char::is_control) {
            "it contains a control character"
        } else if text.trim() != text {
            "the marketplace strips blanks at its ends"
        } else if text.split('/').any(str::is_empty) {
            "one of its levels is empty"
        } else {
            return Ok(ProductName(text.into()));
        };
        Err(NameError::Product { name: text.into(), why })
    }
}

impl HubName {
    /// The hub `hub` of `user`.
    pub fn new(user: &UserName, hub: &ShortName) -> HubName {
        HubName { full: format!("{}/{}", user.0, hub.0), slash: user.0.len() }
    }

    /// The whole name, `alice/parking`.
    pub fn as_str(&self) -> &str {
        &self.full
    }

    /// `alice`
    pub fn user(&self) -> &str {
        &self.full[..self.slash]
    }

    /// `parking`
    pub fn short(&self) -> &str {
        &self.full[self.slash + 1..]
    }

    /// The topic of the product `product` of this hub.
    ///
    /// # Errors
    /// [`NameError::LongTopic`], [`NameError::NoRoom`].
    pub fn product(&self, product: &ProductName) -> Result<Topic, NameError> {
        room_for_products(self.user())?;
        let topic = format!("{}/{}", self.full, product.0);
        if topic.chars().count() > TOPIC_MAX_CHARS {
            return Err(NameError::LongTopic { topic });
        }
        Ok(Topic(topic))
    }

    /// The device `device` of this hub.
    pub fn device(&self, device: &ShortName) -> DeviceName {
        let full = format!("{}${}${}", self.user(), self.short(), device.0);
        DeviceName { full, first: self.slash, second: self.full.len() }
    }
}

impl FromStr for HubName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let (user, hub) = text.split_once('/').ok_or_else(|| NameError::Hub(text.into()))?;
        Ok(HubName::new(&user.parse()?, &ShortName::hub(hub)?))
    }
}

impl DeviceName {
    /// The whole name, `alice$parking$lot1`.
    pub fn as_str(&self) -> &str {
        &self.full
    }

    /// `alice`
    pub fn user(&self) -> &str {
        &self.full[..self.first]
    }

    /// `lot1`
    pub fn short(&self) -> &str {
        &self.full[self.second + 1..]
    }

    /// Returns the hub that the device belongs to, `alice/parking`.
    pub fn hub(&self) -> HubName {
        HubName { full: self.full[..self.second].replace('$', "/"), slash: self.first }
    }

    /// Returns whether `topic` is in this device's own hub, or in one that the database does not distinguish from it: the
    /// devices of such hubs share their permissions (I3 facts §6.1). Of other topics, a device may use those of products
    /// in its hub with edited titles.
    pub fn may_use(&self, topic: &Topic) -> bool {
        same(topic.hub(), self.hub().as_str())
    }

    /// Parses a topic for this device, and suggests the full one for a part of it.
    ///
    /// # Errors
    /// As [`Topic::from_str`], with `suggestion` filled in [`NameError::ShortTopic`].
    pub fn topic(&self, text: &str) -> Result<Topic, NameError> {
        text.parse().map_err(|e| match e {
            NameError::ShortTopic { topic, suggestion: None } => {
                let hub = self.hub();
                // The product may follow the user, the hub, both or neither.
                let mut product = topic.trim_matches('/');
                for own in [hub.user(), hub.short()] {
                    product = product.strip_prefix(own).and_then(|rest| rest.strip_prefix('/')).unwrap_or(product);
                }
                // With a slash in it, it is more likely the topic of somebody else's hub.
                let suggestion = (!product.is_empty() && !product.contains('/')).then(|| format!("{hub}/{product}"));
                NameError::ShortTopic { topic, suggestion }
            }
            e => e,
        })
    }
}

impl FromStr for DeviceName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let mut parts = text.split('$');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(user), Some(hub), Some(device), None) => {
                Ok(HubName::new(&user.parse()?, &ShortName::hub(hub)?).device(&ShortName::device(device)?))
            }
            _ => Err(NameError::Device(text.into())),
        }
    }
}

impl Topic {
    /// The whole topic, `alice/parking/occupancy`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The hub part of the topic, `alice/parking`.
    pub fn hub(&self) -> &str {
        let end = self.0.match_indices('/').nth(1).map_or(self.0.len(), |(at, _)| at);
        &self.0[..end]
    }

    /// The part after the hub, `occupancy`.
    pub fn product(&self) -> &str {
        self.0.splitn(3, '/').nth(2).unwrap_or_default()
    }

    /// The topic of the product that this would be a sub-topic of, `alice/parking/occupancy` of
    /// `alice/parking/occupancy/level2`. A product may have levels in its own name, so this may nevertheless be a
    /// product.
    pub fn parent(&self) -> Option<Topic> {
        let (end, _) = self.0.match_indices('/').nth(2)?;
        Some(Topic(self.0[..end].into()))
    }

    /// Returns why no product can have this topic, if so: then no permission for it can exist either (I3 facts §1).
    pub fn impossible_as_product(&self) -> Option<&'static str> {
        if self.0.chars().count() > TOPIC_MAX_CHARS {
            Some("the whole topic is over 30 characters, which the marketplace does not store")
        } else if self.0.contains("%u") || self.0.contains("%c") {
            Some("the broker replaces %u and %c in a product's name, so this literal topic is never permitted")
        } else {
            None
        }
    }
}

impl FromStr for Topic {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if let Some(rest) = text.strip_prefix("$share/") {
            let topic = rest.split_once('/').and_then(|(_, topic)| topic.parse().ok());
            return Err(NameError::Shared { shared: text.into(), topic });
        }
        if text.starts_with('$') {
            return Err(NameError::OfBroker(text.into()));
        }
        if text.contains(['+', '#']) {
            return Err(NameError::Wildcard(text.into()));
        }
        if text.contains('\0') || text.len() > MQTT_STRING_MAX {
            return Err(NameError::Unsendable);
        }
        let levels: Vec<&str> = text.split('/').collect();
        let [user, hub, product, ..] = levels[..] else {
            return Err(NameError::ShortTopic { topic: text.into(), suggestion: None });
        };
        if [user, hub, product].contains(&"") {
            return Err(NameError::ShortTopic { topic: text.into(), suggestion: None });
        }
        let invalid = |source| NameError::TopicLevel { topic: text.into(), source: Box::new(source) };
        user.parse::<UserName>().map_err(invalid)?;
        ShortName::hub(hub).map_err(invalid)?;
        Ok(Topic(text.into()))
    }
}

macro_rules! shown_as_given {
    ($($type:ident),+) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}
shown_as_given!(UserName, ShortName, ProductName, HubName, DeviceName, Topic);

#[cfg(test)]
mod tests {
    use super::*;

    fn lot1() -> DeviceName {
        "alice$parking$lot1".parse().unwrap()
    }

    #[test]
    fn device_name_gives_its_parts() {
        let name = lot1();
        assert_eq!((name.user(), name.short(), name.hub().as_str()), ("alice", "lot1", "alice/parking"));
        assert_eq!(name.hub().short(), "parking");
    }

    #[test]
    fn names_are_refused_by_the_rules_of_the_forms() {
        for bad in
            ["lot1", "alice$parking", "alice/parking/lot1", "alice$parking$lot1$x", "al ice$parking$lot1", "a$pa$lot1"]
        {
            assert!(bad.parse::<DeviceName>().is_err(), "{bad}");
        }
        for bad in ["ab", "has space", "under_score", &"x".repeat(31), ""] {
            assert!(ShortName::device(bad).is_err(), "{bad}");
        }
        // What is there already continues working; nothing new gets such a name.
        for accented in ["café1", "müll", "größe"] {
            assert!(ShortName::device(accented).is_ok() && ShortName::hub(accented).is_ok());
            assert!(matches!(ShortName::new_device(accented), Err(NameError::NotAscii { what: "device", .. })));
            assert!(matches!(ShortName::new_hub(accented), Err(NameError::NotAscii { what: "hub", .. })));
        }
        assert!(ShortName::new_hub("parking").is_ok() && ShortName::new_device("ab").is_err());
        assert!("ali.ce".parse::<UserName>().is_err());
        assert!("Alice_7".parse::<UserName>().is_ok() && "jürgen".parse::<UserName>().is_ok());
    }

    #[test]
    fn topics_are_full_and_free_of_wildcards() {
        for good in ["alice/parking/occupancy", "alice/parking/occupancy/level2", "alice/parking/größe"] {
            assert_eq!(good.parse::<Topic>().unwrap().as_str(), good);
        }
        for bad in
            ["", "occupancy", "parking/occupancy", "/alice/parking/occupancy", "alice//occupancy", "alice/parking/"]
        {
            assert!(matches!(bad.parse::<Topic>(), Err(NameError::ShortTopic { .. })), "{bad}");
        }
        for (bad, level) in [("a/b/c", "b"), ("alice/my-hub/free", "my-hub"), ("al.ice/parking/free/2", "al.ice")] {
            let Err(NameError::TopicLevel { source, .. }) = bad.parse::<Topic>() else { panic!("{bad}") };
            assert!(source.to_string().contains(&format!("'{level}'")), "{source}");
        }
        assert!(matches!("alice/parking/#".parse::<Topic>(), Err(NameError::Wildcard(_))));
        assert!(matches!("alice/parking/a\0b".parse::<Topic>(), Err(NameError::Unsendable)));
    }

    #[test]
    fn a_sub_topic_has_a_parent() {
        let parent = |topic: &str| topic.parse::<Topic>().unwrap().parent().map(|parent| parent.to_string());
        assert_eq!(parent("alice/parking/occupancy"), None);
        for below in ["alice/parking/occupancy/level2", "alice/parking/occupancy/2/b", "alice/parking/occupancy/"] {
            assert_eq!(parent(below).as_deref(), Some("alice/parking/occupancy"), "{below}");
        }
    }

    #[test]
    fn a_short_topic_is_completed_from_the_device() {
        for short in ["occupancy", "parking/occupancy", "alice/occupancy", "/alice/parking/occupancy", "/occupancy"] {
            let Err(NameError::ShortTopic { suggestion, .. }) = lot1().topic(short) else {
                panic!("{short} was taken")
            };
            assert_eq!(suggestion.as_deref(), Some("alice/parking/occupancy"), "{short}");
        }
        for other in ["garden/moxu", "bob/garden", "bob//sensors", "/", ""] {
            let Err(NameError::ShortTopic { suggestion: None, .. }) = lot1().topic(other) else {
                panic!("{other} was completed")
            };
        }
    }

    #[test]
    fn what_begins_with_a_dollar_sign_is_no_product() {
        for own in ["$SYS", "$SYS/broker/uptime", "$SYS/#", "$share", "$a/b/c"] {
            assert_eq!(own.parse::<Topic>(), Err(NameError::OfBroker(own.into())));
        }
        let topic = Some("alice/parking/occupancy".parse().unwrap());
        for (shared, topic) in
            [("$share/g/alice/parking/occupancy", topic), ("$share/g/alice/#", None), ("$share/g", None)]
        {
            assert_eq!(lot1().topic(shared), Err(NameError::Shared { shared: shared.into(), topic }));
        }
    }

    #[test]
    fn a_product_has_a_name_that_can_be_published_to() {
        let hub: HubName = "alice/parking".parse().unwrap();
        for good in ["occupancy", "deck/2", "größe", "in use"] {
            let topic = hub.product(&good.parse().unwrap()).unwrap();
            assert_eq!(topic.as_str(), format!("alice/parking/{good}"));
            assert_eq!(topic.as_str().parse::<Topic>().unwrap(), topic);
        }
        for (bad, says) in [
            ("abc", "4 to 30"),
            (&*"x".repeat(31), "4 to 30"),
            ("a+bc", "wildcards"),
            ("a/b/#", "wildcards"),
            ("lots-%u", "replaces"),
            ("free ", "blanks"),
            ("a\tbc", "control"),
            ("free/", "empty"),
            ("/free", "empty"),
        ] {
            let error = bad.parse::<ProductName>().unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        let seventeen = "x".repeat(17);
        assert!(hub.product(&seventeen[1..].parse().unwrap()).is_ok());
        let error = hub.product(&seventeen.parse().unwrap()).unwrap_err();
        assert_eq!(error.to_string().matches("31 characters").count(), 1, "{error}");
    }

    #[test]
    fn a_long_user_name_leaves_no_room_for_any_product() {
        let product = |user: &str| format!("{user}/hub").parse::<HubName>().unwrap().product(&"prod".parse().unwrap());
        assert_eq!(product(&"x".repeat(21)).unwrap().as_str().len(), TOPIC_MAX_CHARS);
        assert!(matches!(product(&"x".repeat(22)), Err(NameError::NoRoom { .. })));
    }

    #[test]
    fn a_new_product_has_an_ascii_name() {
        assert!("deck/2!".parse::<ProductName>().unwrap().require_ascii().is_ok());
        let error = "größe".parse::<ProductName>().unwrap().require_ascii().unwrap_err();
        assert_eq!(error.to_string(), "invalid product name 'größe': 'ö' (character 3) is not ASCII");
    }

    #[test]
    fn a_device_may_use_its_own_hub_and_its_twins() {
        assert!(lot1().may_use(&"alice/parking/occupancy".parse().unwrap()));
        for twin in ["alice/Parking/occupancy", "Alice/parking/occupancy", "alice/pàrking/occupancy/2"] {
            assert!(lot1().may_use(&twin.parse().unwrap()), "{twin}");
        }
        assert!(!lot1().may_use(&"alice/parking2/occupancy".parse().unwrap()));
        assert!(!lot1().may_use(&"bob/parking/occupancy".parse().unwrap()));
    }
}
