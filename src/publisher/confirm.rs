//! Which messages have to be proved to be delivered.

/// Which messages have to be proved to be delivered: by MQTT 5's reason code where there is one (QoS 1 and 2), else by the echo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confirm {
    /// The first to each topic; the rest waits for it.
    First,
    /// Every one.
    All,
    /// None: an acknowledgement is taken at face value.
    None,
}
