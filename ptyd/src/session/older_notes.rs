//! Notes of earlier versions, read as what they say: agents outlive an upgrade, and so do texts on their way into them.

use super::typing::{Course, Typing};
use serde::{Deserialize, Deserializer};

/// What notes of earlier versions have in the place of the [`Course`].
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Flags {
    disturbed: bool,
    submitted: bool,
    unseen: bool,
    stood: bool,
}

impl Flags {
    /// The course that they say; the first one counted.
    fn course(&self) -> Course {
        match (self.submitted, self.disturbed, self.unseen, self.stood) {
            (true, ..) => Course::Submitted,
            (false, true, ..) => Course::Disturbed,
            (false, false, true, true) => Course::Stood,
            (false, false, true, false) => Course::Unseen,
            (false, false, false, _) => Course::Counted,
        }
    }
}

/// Reads a text as this version or an earlier one has noted it.
///
/// # Errors
///
/// It is no text that any has noted.
pub fn typing<'de, D: Deserializer<'de>>(notes: D) -> Result<Option<Typing>, D::Error> {
    #[derive(Deserialize)]
    struct Noted {
        #[serde(flatten)]
        typing: Typing,
        #[serde(flatten)]
        flags: Flags,
    }
    let course = |noted: &Noted| match noted.typing.course {
        Course::Counted => noted.flags.course(),
        course => course,
    };
    let noted = Option::<Noted>::deserialize(notes)?;
    Ok(noted.map(|noted| Typing { course: course(&noted), ..noted.typing }))
}

#[cfg(test)]
mod tests {
    use super::super::delivery_journal::DeliveryJournal;
    use super::*;
    use bus::contract::document::Submit;

    /// Notes that an older version left behind must be understood, or a text would be typed again.
    #[test]
    fn notes_of_older_versions_are_read() {
        use Course::{Counted, Disturbed, Stood, Submitted, Unseen};
        #[rustfmt::skip]
        let cases = [
            // what they say of the text                                            course
            (r#""disturbed":false"#,                                                Counted),
            (r#""disturbed":true"#,                                                 Disturbed),
            (r#""disturbed":false,"submitted":true"#,                               Submitted),
            (r#""disturbed":true,"submitted":true"#,                                Submitted),
            (r#""disturbed":false,"submitted":false,"unseen":true"#,                Unseen),
            (r#""disturbed":false,"submitted":false,"unseen":true,"stood":true"#,   Stood),
            (r#""disturbed":true,"submitted":false,"unseen":true,"stood":true"#,    Disturbed),
            (r#""disturbed":false,"submitted":false,"unseen":false,"stood":true"#,  Counted),
            (r#""course":"left""#,                                                  Course::Left),
            (r#""course":"counted""#,                                               Counted),
        ];
        for (said, course) in cases {
            let old = format!(
                r#"{{"token_sha256":"t","introduced":true,"paste":{{"offset":1,"on":true}},"typing":{{"event_ids":["e"],
                "payload":"p","submit":"enter","typed_before":1,"offset":2,{said}}}}}"#
            );
            let journal: DeliveryJournal = serde_json::from_str(&old).unwrap();
            assert!(journal.introduced, "{said}");
            let wanted = Typing {
                event_ids: vec!["e".into()],
                payload: "p".into(),
                submit: Submit::Enter,
                typed_before: 1,
                offset: 2,
                course,
                ..Typing::default()
            };
            assert_eq!(journal.typing, Some(wanted), "{said}");
        }
        for none in [r#"{"typing":null}"#, "{}"] {
            assert_eq!(serde_json::from_str::<DeliveryJournal>(none).unwrap(), DeliveryJournal::default(), "{none}");
        }
    }
}
