//! The marketplace's pages, forms and scripted calls, in a log-in session (I3 facts §2).

mod account;
mod ajax;
mod cookies;
mod error;
mod product;
mod session;

pub use account::SignUpReply;
pub use ajax::{CallFailure, CallReply};
pub use cookies::Cookies;
pub use error::{Operation, WebError};
pub use session::WebSession;
