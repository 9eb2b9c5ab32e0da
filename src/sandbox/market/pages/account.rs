//! Log-in, sign-up and the page with the API key; the first two have neither navigation nor comments around their content.

use hyper::StatusCode;

use super::frame::{Response, bare, escaped, framed};
use crate::sandbox::db::Database;
use crate::sandbox::exception::FormFieldError;
use crate::sandbox::market::actions::account::fields_of;

/// `complaint` is in an element that is otherwise empty.
pub(in crate::sandbox::market) fn log_in(csrf: &str, complaint: &str) -> Response {
    let body = format!(
        "\n  <div class=\"container\">\n    <div class=\"card card-container\">\n         <h1 align=\"center\">I3 Marketplace</h1>\n        \
         <img id=\"profile-img\" class=\"profile-img-card\" src=\"/media/logo.png\"/>\n      <p class=\"text-danger\">{}</p>\n      \
         <form class=\"form-signin\" method=\"post\" action=\"/accounts/login/\">\n        \
         <input type='hidden' name='csrfmiddlewaretoken' value='{}' />\n        \
         <input type=\"text\" name=\"username\" id=\"inputEmail\" class=\"form-control\" placeholder=\"Username\" required autofocus>\n        \
         <input type=\"password\" name=\"password\" id=\"inputPassword\" class=\"form-control\" placeholder=\"Password\" required>\n        \
         <input type=\"checkbox\" value=\"remember-me\" id=\"rememberme\"> Remember me\n        \
         <button class=\"btn btn-lg btn-primary btn-block btn-signin\" type=\"submit\">Login</button>\n      </form><!-- /form -->\n      \
         <div style=\"text-align: center\">\n        <a href=\"/accounts/signup/\">Don't have an account? Sign Up</a>\n      </div>\n      \
         <div style=\"text-align: center\">\n        <a href=\"/docs/\" target=\"_blank\"}}\">Reference Documentation</a>\n      </div>\n    \
         </div><!-- /card-container -->\n  </div>\n <footer class=\"footer\">\n   <p>Copyright &copy; I3 Sandbox.</p>\n </footer>\n<br>\n",
        escaped(complaint),
        escaped(csrf),
    );
    bare(StatusCode::OK, "\nI3 Marketplace | Login\n", &body)
}

/// Returns the sign-up form; its refusals are listed field by field, one list inside the other.
pub(in crate::sandbox::market) fn sign_up(
    csrf: &str,
    user_name: &str,
    email: &str,
    errors: &[FormFieldError],
) -> Response {
    let list =
        |reasons: &[&str]| -> String { reasons.iter().map(|reason| format!("<li>{}</li>", escaped(reason))).collect() };
    let fields: String = fields_of(errors)
        .iter()
        .map(|(field, reasons)| format!("<li>{field}<ul class=\"errorlist\">{}</ul></li>", list(reasons)))
        .collect();
    let errors = if fields.is_empty() { String::new() } else { format!("<ul class=\"errorlist\">{fields}</ul>") };
    let input = |kind: &str, name: &str, value: &str| {
        format!(
            "\n      <div class=\"row\">\n        <div class=\"col-sm-8\">\n          <div class=\"form-group\">\n            \
             <label for=\"id_{name}\">{name}</label>\n            \
             <input type=\"{kind}\" name=\"{name}\" value=\"{}\" class=\"form-control\" id=\"id_{name}\" />\n          </div>\n        \
             </div>\n      </div>",
            escaped(value)
        )
    };
    let body = format!(
        "\n  <div class=\"container\">\n    <div class=\"card card-container\">\n         <h1 align=\"center\">I3 Marketplace</h1>\n      \
         <p class=\"text-danger\"></p>\n      <form method=\"POST\" action=\"\" enctype='multipart/form-data'>\n      <h1>Sign Up</h1>\n      \
         <input type='hidden' name='csrfmiddlewaretoken' value='{}' />\n      <div class=\"row\">\n        <div class=\"col-sm-8\">\n          \
         {errors}\n        </div>\n      </div>{}{}{}{}\n      <select name=\"user_type\" class=\"form-control\" id=\"id_user_type\">\n  \
         <option value=\"1\">Seller</option>\n  <option value=\"2\">Buyer</option>\n  <option value=\"3\" selected>Both</option>\n</select>\n      \
         <button type=\"submit\" class=\"btn btn-primary pull-right\">Sign Up</button>\n    </form>\n    </div><!-- /card-container -->\n  \
         </div>\n <footer class=\"footer\">\n   <p>Copyright &copy; I3 Sandbox.</p>\n </footer>\n<br>\n",
        escaped(csrf),
        input("text", "username", user_name),
        input("email", "email", email),
        input("password", "password", ""),
        input("password", "verify_password", ""),
    );
    bare(StatusCode::OK, "\nI3 Marketplace | Login\n", &body)
}

pub(in crate::sandbox::market) fn key(db: &Database, user: &str, api_key: &str) -> Response {
    let content = format!(
        "<div class=\"container\">\n  <h1>API Key</h1>\n  <small>This is your API key. Do not share your key. </small>\n  <hr>\n  \
         <a href=\"/docs\">Click here for API documentation</a>\n  <div class=\"row\">\n    <div class=\"col-sm-2\">\n      API Key\n    </div>\n    \
         <div class=\"col-sm-7\">\n      <div class=\"input-group\">\n        <input id=\"foo\" value=\"{}\" class=\"form-control\">\n        \
         <!-- Trigger -->\n        <button class=\"btn btn-default\" data-clipboard-target=\"#foo\">\n            copy\n          </font>\n        \
         </button>\n      </div>\n    </div>\n  </div>\n</div>\n<hr>\n</div>\n",
        escaped(api_key)
    );
    framed(db, Some(user), "I3 Marketplace | Product | ", &content)
}
