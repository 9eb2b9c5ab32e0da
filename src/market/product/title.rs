//! What a product's title means for its topic.
//!
//! The title is the topic, and anyone can edit it. Only the current title is visible. Permissions granted under an earlier
//! title stay with that topic and are shown nowhere; each save grants the devices of the hub permissions for the title that
//! is sent, and so does registering a device; a buyer gets a permission for the current title (I3 facts §6.1). So a title
//! tells what new buyers will read, but not what devices may not publish to.

use crate::market::text::quote;
use crate::name::{HubName, NameError, ProductName, Topic};

/// Why a title is not a topic that the seller's devices can publish to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TitleFault {
    /// Edited to a title that does not begin with its seller and a hub. New buyers get a permission for the current title.
    #[error("the title '{title}' has lost its prefix: it is not a topic of the form {seller}/HUB/PRODUCT")]
    PrefixLost { title: String, seller: String },
    /// Permissions are for exactly this text, which nobody can publish to.
    #[error("nobody can publish to '{title}'")]
    Unpublishable { title: String, source: NameError },
    /// A save grants permissions to the devices of the product's hub, which publish to topics of that hub.
    #[error("the title '{title}' names a different hub than the one that the product is in, {hub}")]
    OtherHub { title: String, hub: HubName },
}

/// Returns the topic that a title is.
///
/// # Errors
/// [`TitleFault::PrefixLost`], [`TitleFault::Unpublishable`].
pub fn topic(title: &str, seller: &str) -> Result<Topic, TitleFault> {
    let lost = || TitleFault::PrefixLost { title: quote(title), seller: seller.into() };
    let rest = title.strip_prefix(seller).and_then(|rest| rest.strip_prefix('/')).ok_or_else(lost)?;
    let (_, name) = rest.split_once('/').ok_or_else(lost)?;
    let unpublishable = |source| TitleFault::Unpublishable { title: quote(title), source };
    name.parse::<ProductName>().map_err(unpublishable)?;
    title.parse::<Topic>().map_err(|e| match e {
        NameError::ShortTopic { .. } | NameError::TopicLevel { .. } => lost(),
        e => unpublishable(e),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_a_topic_of_its_seller_or_says_why_not() {
        assert_eq!(topic("alice/parking/free", "alice").unwrap().as_str(), "alice/parking/free");
        assert_eq!(topic("alice/parking/größe", "alice").unwrap().hub(), "alice/parking");
        for title in ["free", "alice/free", "bob/parking/free", "alicex/parking/free", "alice/x!/free"] {
            assert!(matches!(topic(title, "alice"), Err(TitleFault::PrefixLost { .. })), "{title}");
        }
        for title in ["alice/parking/a+bc", "alice/parking/lots-%u"] {
            assert!(matches!(topic(title, "alice"), Err(TitleFault::Unpublishable { .. })), "{title}");
        }
        assert!(!topic("a\x1b[31m", "alice").unwrap_err().to_string().contains('\x1b'));
    }
}
