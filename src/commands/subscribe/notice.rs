//! Messages to the person during a run.

use crate::cli::ui::{Ui, capitalised};

/// A note or a warning.
#[derive(Debug, Clone)]
pub struct Notice {
    kind: NoticeKind,
    text: String,
    /// The text below a chart instead; empty once all is well.
    pub status: Option<String>,
}

#[derive(Debug, Clone, Copy)]
enum NoticeKind {
    Note,
    Warning,
}

impl Notice {
    /// A note, which is a sentence.
    pub fn note(text: impl Into<String>) -> Notice {
        let text = capitalised(&text.into());
        Notice { kind: NoticeKind::Note, status: Some(text.clone()), text }
    }

    /// A warning, which begins with a small letter.
    pub fn warning(text: impl Into<String>) -> Notice {
        let text = text.into();
        Notice { kind: NoticeKind::Warning, status: Some(text.clone()), text }
    }

    /// Sets other text to show below a chart.
    pub fn on_chart(self, status: Option<String>) -> Notice {
        Notice { status, ..self }
    }

    pub fn print(&self, ui: &Ui) {
        match self.kind {
            NoticeKind::Note => ui.note(&self.text),
            NoticeKind::Warning => ui.warn(&self.text),
        }
    }
}
