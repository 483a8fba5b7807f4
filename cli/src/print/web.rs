//! Tokens for the web server, for people.

use super::table::{Table, cell};
use super::{Page, Tone};
use bus::contract::op::web::Added;
use bus::contract::web::WebToken;

/// What a token may do.
fn role(token: &WebToken) -> String {
    match &token.group_id {
        Some(group_id) => format!("{} of {group_id}", token.role),
        None => token.role.to_string(),
    }
}

/// A token that was added, with what must be kept now.
pub fn added(page: &Page, answer: &Added) -> String {
    let token = &answer.web_token;
    if answer.token.text().is_empty() {
        let sentence = format!(
            "{} has a token ({}), which was shown before; to have a new one, revoke it",
            token.name,
            role(token)
        );
        return page.line(&sentence);
    }
    page.line(&format!("{} has a token ({}). It is shown this once:", token.name, role(token)))
        + &page.line(answer.token.text())
        + &page.line("log in with it, or open the address of the page with /?token=<token> once")
}

/// All of them.
pub fn list(page: &Page, tokens: &[WebToken]) -> String {
    if tokens.is_empty() {
        return page.line("no tokens; `cccc web token add <name>` gives somebody one");
    }
    let rows = tokens.iter().map(|token| {
        let until = token.expires_at.as_ref().map_or_else(|| "for ever".into(), |until| format!("until {until}"));
        [
            cell(Tone::Plain, &token.token_id),
            cell(Tone::Name, &token.name),
            cell(Tone::Plain, role(token)),
            cell(Tone::Quiet, until),
        ]
    });
    Table::of(rows).text(page, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::tests::page;
    use serde_json::json;

    #[test]
    fn a_token_is_told_with_what_it_may_do() {
        let token = |expires_at: Option<&str>| {
            json!({"token_id": "ab", "name": "desk", "role": "viewer", "group_id": "g", "created_at": "", "created_by": "user",
                   "expires_at": expires_at})
        };
        let all = [token(None), token(Some("2099"))].map(|token| serde_json::from_value(token).unwrap());
        assert_eq!(list(&page(), &all), "ab  desk  viewer of g  for ever\nab  desk  viewer of g  until 2099\n");
        let answer = |text: &str| serde_json::from_value(json!({"web_token": token(None), "token": text})).unwrap();
        let told = added(&page(), &answer("cccc_ab_secret"));
        assert!(told.starts_with("desk has a token (viewer of g).") && told.contains("\ncccc_ab_secret\n"), "{told}");
        assert!(added(&page(), &answer("")).contains("shown before"));
    }
}
