//! To whom a message goes: pure routing over the roster of the moment.

use bus::contract::document::Role;
use bus::contract::{Code, OpError, limit, name};

/// Words that stand for more than one.
const CLASSES: [&str; 3] = ["@all", "@peers", "@foreman"];

/// Whether recipients include somebody, in the role it has. No recipients are everybody.
pub fn is_addressed(to: &[String], name: &str, role: Role) -> bool {
    let to_role = match role {
        Role::Foreman => "@foreman",
        Role::Peer => "@peers",
    };
    to.is_empty() || to.iter().any(|to| to == "@all" || to == name || to == to_role)
}

/// The roster as routing sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster<'a> {
    /// In roster order.
    pub places: Vec<Place<'a>>,
}

/// One actor as routing sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Whether it may receive at once.
    pub is_enabled: bool,
    /// Whether it could be started.
    pub is_startable: bool,
}

impl<'a> Roster<'a> {
    /// The first enabled actor.
    pub fn foreman(&self) -> Option<&'a str> {
        self.places.iter().find(|place| place.is_enabled).map(|place| place.id)
    }

    /// Role of a name; whoever is not in the roster counts as a peer.
    pub fn role(&self, name: &str) -> Role {
        if self.foreman() == Some(name) { Role::Foreman } else { Role::Peer }
    }

    /// The same roster with some more enabled.
    pub fn with_enabled(&self, ids: &[&str]) -> Self {
        let enable = |place: &Place<'a>| Place { is_enabled: place.is_enabled || ids.contains(&place.id), ..*place };
        Self { places: self.places.iter().map(enable).collect() }
    }

    /// Recipients as they are stored: ids, `user` and the words for classes, each once, in the order given.
    ///
    /// # Errors
    ///
    /// `invalid_recipient`: a name that nobody has, or that is the title of several.
    pub fn resolve(&self, names: &[String]) -> Result<Vec<String>, OpError> {
        if names.len() > limit::RECIPIENTS_MAX {
            return Err(OpError::too_large("to", names.len(), limit::RECIPIENTS_MAX, "RECIPIENTS_MAX"));
        }
        let mut resolved: Vec<String> = Vec::new();
        for name in names.iter().map(|name| name.trim()) {
            let bare = if CLASSES.contains(&name) { name } else { name.strip_prefix('@').unwrap_or(name).trim() };
            if bare.is_empty() {
                continue;
            }
            let recipient = self.resolve_one(bare)?;
            if !resolved.iter().any(|known| known == recipient) {
                resolved.push(recipient.to_owned());
            }
        }
        Ok(resolved)
    }

    fn resolve_one<'b>(&self, name: &'b str) -> Result<&'b str, OpError>
    where
        'a: 'b,
    {
        if CLASSES.contains(&name) || name == "user" || self.places.iter().any(|place| place.id == name) {
            return Ok(name);
        }
        match self.titled(name).as_slice() {
            [id] => Ok(id),
            [] => Err(self.invalid(format!("unknown recipient: {name}"))),
            [..] => Err(self.invalid(format!("ambiguous recipient title: {name}; use an actor id"))),
        }
    }

    /// Who has a title: as it is written but for its case, else as it is seen.
    fn titled(&self, title: &str) -> Vec<&'a str> {
        let having = |form: &dyn Fn(&str) -> String| {
            let wanted = Some(form(title)).filter(|wanted| !wanted.is_empty());
            let titled = self.places.iter().filter(|place| wanted.as_ref() == Some(&form(place.title)));
            titled.map(|place| place.id).collect::<Vec<_>>()
        };
        let written = having(&|text| text.to_lowercase());
        if written.is_empty() { having(&name::outline_called) } else { written }
    }

    fn invalid(&self, sentence: String) -> OpError {
        let known: Vec<_> = self.places.iter().map(|place| place.id).collect();
        OpError::new(Code::InvalidRecipient, sentence).with("actors", known)
    }

    /// Recipients of a new message: those named, else those mentioned in the text, else the group's default.
    ///
    /// # Errors
    ///
    /// As [`Roster::resolve`].
    pub fn for_send(&self, names: &[String], text: &str, broadcasts: bool) -> Result<Vec<String>, OpError> {
        let named = self.resolve(names)?;
        if !named.is_empty() {
            return Ok(named);
        }
        let mentioned = self.resolve(&self.mentioned(text))?;
        Ok(if mentioned.is_empty() { default(broadcasts) } else { mentioned })
    }

    /// `@name` words of a text that name an actor or a class.
    fn mentioned(&self, text: &str) -> Vec<String> {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut found: Vec<String> = Vec::new();
        for rest in text.split('@').skip(1) {
            let end = rest.find(|c: char| !(is_word(c) || c == '-')).unwrap_or(rest.len());
            let name = &rest[..end];
            let token = match name {
                "all" | "peers" | "foreman" => format!("@{name}"),
                name if self.places.iter().any(|place| place.id == name) => name.to_owned(),
                _ => continue,
            };
            // A text may mention one name a thousand times; it is still one recipient.
            if !found.contains(&token) {
                found.push(token);
            }
        }
        found.truncate(limit::RECIPIENTS_MAX);
        found
    }

    /// Recipients of an answer that names none: whoever said it, or, to oneself, whoever it was said to.
    pub fn for_reply(by: &str, original_by: &str, original_to: &[String], broadcasts: bool) -> Vec<String> {
        match original_by {
            "" => default(broadcasts),
            other if other != by => vec![other.to_owned()],
            _ if original_to.is_empty() => default(broadcasts),
            _ => original_to.to_vec(),
        }
    }

    /// Who must be woken so that the message reaches anybody.
    ///
    /// Nobody, when it is for the user only or somebody who is enabled gets it. In a group without an enabled actor
    /// nobody leads, so `@foreman` means the first of the roster, who will.
    ///
    /// # Errors
    ///
    /// `no_enabled_recipients`.
    pub fn wake(&self, by: &str, to: &[String], is_paused: bool) -> Result<Vec<&'a str>, OpError> {
        if !to.is_empty() && to.iter().all(|to| to == "user") {
            return Ok(Vec::new());
        }
        let others = || self.places.iter().enumerate().filter(|(_, place)| place.id != by);
        if others().any(|(_, place)| place.is_enabled && is_addressed(to, place.id, self.role(place.id))) {
            return Ok(Vec::new());
        }
        let refusal = |sentence: &str| {
            Err(OpError::new(Code::NoEnabledRecipients, sentence)
                .with("to", if to.is_empty() { vec!["@all".into()] } else { to.to_vec() }))
        };
        if self.places.is_empty() {
            return refusal("the group has no actor yet; add one with `cccc actor add`");
        }
        if is_paused {
            return refusal(
                "no recipient is enabled, and a paused group wakes nobody; set it active or start an actor",
            );
        }
        let leads = |place: usize| place == 0 && self.foreman().is_none();
        let is_meant = |(place, actor): &(usize, &Place<'a>)| {
            is_addressed(to, actor.id, Role::Peer) || leads(*place) && is_addressed(to, actor.id, Role::Foreman)
        };
        let asleep = others().filter(|(_, place)| !place.is_enabled && place.is_startable);
        let woken: Vec<_> = asleep.filter(is_meant).map(|(_, place)| place.id).collect();
        let after = self.with_enabled(&woken);
        if !woken.iter().any(|id| is_addressed(to, id, after.role(id))) {
            return refusal("no recipient is enabled, and none could be woken; start an actor, or attach a directory");
        }
        Ok(woken)
    }
}

fn default(broadcasts: bool) -> Vec<String> {
    if broadcasts { Vec::new() } else { vec!["@foreman".into()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn place(id: &'static str, title: &'static str, is_enabled: bool) -> Place<'static> {
        Place { id, title, is_enabled, is_startable: true }
    }

    fn roster(enabled: [bool; 3]) -> Roster<'static> {
        let [a, b, c] = enabled;
        Roster { places: vec![place("a", "Lead", a), place("b", "Twin", b), place("c-1", "twin", c)] }
    }

    fn list(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn names_become_recipients() {
        #[rustfmt::skip]
        let cases = [
            // named                    stored                   why
            ("a b",                     Ok("a b"),               "ids"),
            ("@a @user user a",         Ok("a user"),            "with an at sign, each once"),
            ("@all @peers @foreman",    Ok("@all @peers @foreman"), "classes stay"),
            ("LEAD @lead",              Ok("a"),                 "a title, whatever its case"),
            ("ｌｅａｄ Léad",             Ok("a"),                 "a title as it is seen"),
            ("twin",                    Err("ambiguous"),        "a title of two"),
            ("all",                     Err("unknown"),          "a class needs its at sign"),
            ("zoe",                     Err("unknown"),          "nobody"),
            ("@",                       Ok(""),                  "a lone at sign"),
        ];
        for (named, stored, why) in cases {
            match (roster([true; 3]).resolve(&list(named)), stored) {
                (Ok(resolved), Ok(stored)) => assert_eq!(resolved, list(stored), "{why}"),
                (Err(error), Err(word)) => {
                    assert!(error.code == Code::InvalidRecipient && error.message.contains(word), "{why}: {error}");
                }
                (resolved, _) => panic!("{why}: {resolved:?}"),
            }
        }
        let many = vec!["a".to_owned(); limit::RECIPIENTS_MAX + 1];
        assert_eq!(roster([true; 3]).resolve(&many).unwrap_err().details["limit"], "RECIPIENTS_MAX");
    }

    #[test]
    fn a_message_without_recipients_goes_to_whom_it_mentions_or_to_the_default() {
        #[rustfmt::skip]
        let cases = [
            // named   text                          broadcasts  stored
            ("",       "hello",                      false,      "@foreman"),
            ("",       "hello",                      true,       ""),
            ("@",      "hello",                      false,      "@foreman"),
            ("",       "ask @b, or @c-1: quickly",   false,      "b c-1"),
            ("",       "@all! mail me@a.example @zoe", false,    "@all a"),
            ("",       "@Lead is a title",           false,      "@foreman"),
            ("b",      "@all",                       false,      "b"),
        ];
        for (named, text, broadcasts, stored) in cases {
            let to = roster([true; 3]).for_send(&list(named), text, broadcasts).unwrap();
            assert_eq!(to, list(stored), "{named:?} {text:?}");
        }
    }

    #[test]
    fn an_answer_goes_back() {
        #[rustfmt::skip]
        let cases = [
            // by     said by  said to   broadcasts  to
            ("user",  "a",     "user",   false,      "a"),
            ("a",     "user",  "@all",   false,      "user"),
            ("a",     "a",     "b user", false,      "b user"),
            ("a",     "a",     "",       false,      "@foreman"),
            ("a",     "",      "",       true,       ""),
        ];
        for (by, original_by, original_to, broadcasts, to) in cases {
            assert_eq!(
                Roster::for_reply(by, original_by, &list(original_to), broadcasts),
                list(to),
                "{by} {original_by}"
            );
        }
    }

    #[test]
    fn somebody_is_woken_only_when_nobody_would_get_the_message() {
        #[rustfmt::skip]
        let cases = [
            // enabled               by      to          paused  woken
            ([true, true, false],    "user", "@foreman", false,  Some("")),
            ([true, true, false],    "user", "c-1",      false,  Some("c-1")),
            ([true, true, false],    "user", "b c-1",    false,  Some("")),
            ([true, false, false],   "a",    "@foreman", false,  None),
            ([true, false, false],   "a",    "@peers",   false,  Some("b c-1")),
            ([true, false, false],   "a",    "user",     false,  Some("")),
            ([false, false, false],  "user", "@foreman", false,  Some("a")),
            ([false, false, false],  "user", "@peers",   false,  Some("a b c-1")),
            ([false, false, false],  "user", "",         false,  Some("a b c-1")),
            ([false, false, false],  "user", "b user",   false,  Some("b")),
            ([false, false, false],  "a",    "@foreman", false,  None),
            ([false, false, false],  "user", "@foreman", true,   None),
            ([false, true, false],   "user", "@foreman", true,   Some("")),
        ];
        for (enabled, by, to, is_paused, woken) in cases {
            let result = roster(enabled).wake(by, &list(to), is_paused);
            let case = format!("{enabled:?} {by} -> {to:?}");
            match woken {
                Some(woken) => assert_eq!(result.unwrap(), list(woken), "{case}"),
                None => assert_eq!(result.unwrap_err().code, Code::NoEnabledRecipients, "{case}"),
            }
        }
    }

    #[test]
    fn who_would_not_get_the_message_after_all_is_not_woken_for_it() {
        let alone = Roster { places: vec![place("a", "", false)] };
        assert!(alone.wake("user", &list("@peers"), false).is_err(), "the only actor would lead");
        let mut cannot = roster([false; 3]);
        cannot.places.iter_mut().for_each(|place| place.is_startable = false);
        assert!(cannot.wake("user", &list("a"), false).is_err(), "it cannot be started");
        assert!(Roster { places: vec![] }.wake("user", &[], false).is_err(), "nobody is there");
    }
}
