//! Which messages must be proved to be delivered.

/// Which messages must be proved to be delivered: by MQTT 5's reason code where there is one (QoS 1 and 2), otherwise by the echo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confirm {
    /// The first message to each topic; the others wait for it.
    First,
    /// Every message.
    All,
    /// None: an acknowledgement counts as delivery.
    None,
}
