//! The steps of a rotation, each announced before it is taken.

use std::fmt;

/// The next step. Each may be the last thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotationStep {
    /// The new credential is written beside the old one.
    Write,
    /// The journal is written: from here on the next run continues.
    Journal,
    /// The new credential is sent to the marketplace.
    Register,
    /// The device logs in at the broker with the new one.
    Prove,
    /// The new one replaces the old one.
    Replace,
    /// The public half is written beside it.
    WritePublicHalf,
    /// The configuration names it.
    Configure,
    /// The broker refused it: the journal says so.
    JournalUndo,
    /// The old credential is sent to the marketplace again.
    RegisterOld,
    /// The device logs in at the broker with the old one.
    ProveOld,
    /// The new one is removed.
    Discard,
    /// The journal is removed.
    Close,
    /// Nothing more.
    Done,
}

impl fmt::Display for RotationStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RotationStep::Write => "Writing the new credential beside the old one",
            RotationStep::Journal => "Writing the journal",
            RotationStep::Register => "Registering the new credential",
            RotationStep::Prove => "Logging in at the broker with the new credential",
            RotationStep::Replace => "Replacing the old credential",
            RotationStep::WritePublicHalf => "Writing the public half",
            RotationStep::Configure => "Naming the credential in the configuration",
            RotationStep::JournalUndo => "Noting in the journal that the rotation is undone",
            RotationStep::RegisterOld => "Registering the old credential again",
            RotationStep::ProveOld => "Logging in at the broker with the old credential",
            RotationStep::Discard => "Removing the new credential",
            RotationStep::Close => "Removing the journal",
            RotationStep::Done => "Done",
        })
    }
}
