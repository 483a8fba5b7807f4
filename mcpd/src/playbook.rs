//! The playbook as one reader sees it: parts for another role or another actor are left out. Pure.
//!
//! It is cut at headings of the second level. `## @role: foreman` and `## @actor: <id>` begin a part for those only, up to
//! the next heading of that level.

use bus::contract::document::Role;

/// Who reads.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reader<'a> {
    /// Its id, when it is in the group.
    pub actor_id: Option<&'a str>,
    /// Its role, when it is in the group.
    pub role: Option<Role>,
}

/// What the reader sees of a playbook.
pub fn of(markdown: &str, reader: &Reader<'_>) -> String {
    let mut shown = String::with_capacity(markdown.len());
    for part in parts(markdown) {
        let (heading, body) = part.split_once('\n').unwrap_or((part, ""));
        let condition = heading.strip_prefix("##").map(str::trim).and_then(condition);
        match condition {
            None => shown.push_str(part),
            Some(Condition::Role(role)) => {
                let is_for_reader = reader.role.is_none_or(|own| own.word().eq_ignore_ascii_case(role));
                if is_for_reader {
                    shown.push_str(&titled(&role_title(role), body));
                }
            }
            Some(Condition::Actor(actor_id)) => {
                if reader.actor_id == Some(actor_id) {
                    shown.push_str(&titled("For you", body));
                }
            }
        }
    }
    shown
}

/// The parts whose headings have all words of the topic; everything when the topic is blank, and a list of the headings when
/// none has.
pub fn part(markdown: &str, topic: &str) -> String {
    let words: Vec<String> = topic.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() {
        return markdown.to_owned();
    }
    let heading = |part: &str| part.lines().next().unwrap_or_default().trim_start_matches('#').trim().to_owned();
    let has_all = |part: &&str| {
        let heading = heading(part).to_lowercase();
        words.iter().all(|word| heading.contains(word.as_str()))
    };
    let found: String = parts(markdown).filter(has_all).collect();
    if !found.is_empty() {
        return found;
    }
    let headings: Vec<String> = parts(markdown).filter(|part| part.starts_with("## ")).map(heading).collect();
    format!("No part is called {topic:?}. There are: {}.\n", headings.join("; "))
}

enum Condition<'a> {
    Role(&'a str),
    Actor(&'a str),
}

fn condition(heading: &str) -> Option<Condition<'_>> {
    let (keyword, value) = heading.strip_prefix('@')?.split_once(':')?;
    match keyword.trim().to_ascii_lowercase().as_str() {
        "role" => Some(Condition::Role(value.trim())),
        "actor" => Some(Condition::Actor(value.trim())),
        _ => None,
    }
}

fn role_title(role: &str) -> String {
    match role.to_ascii_lowercase().as_str() {
        "foreman" => "Foreman".into(),
        "peer" => "Peer".into(),
        _ => format!("Role: {role}"),
    }
}

fn titled(title: &str, body: &str) -> String {
    format!("## {title}\n{body}")
}

/// What stands before the first heading of the second level, and each of those with what follows it.
fn parts(markdown: &str) -> impl Iterator<Item = &str> {
    let begins = |line: &str| line.starts_with("## ") || line.trim_end() == "##";
    let mut rest = Some(markdown);
    std::iter::from_fn(move || {
        let text = rest.filter(|text| !text.is_empty())?;
        let mut at = 0;
        let next = text.split_inclusive('\n').find_map(|line| {
            let begin = at;
            at += line.len();
            (begin > 0 && begins(line)).then_some(begin)
        });
        let (part, after) = next.map_or((text, None), |next| (&text[..next], Some(&text[next..])));
        rest = after;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Intro\n\n## Rules\nOne.\n\n## @ROLE: foreman\nLead.\n### More\nOn.\n\n## @role: peer\nHelp.\n\n\
                        ## @actor: zoe\nZoe.\n\n## @role: judge\nJudge.\n\n## Last\nEnd.\n";

    #[test]
    fn each_reader_sees_what_is_for_it() {
        let reader = |actor_id, role| Reader { actor_id, role };
        #[rustfmt::skip]
        let cases = [
            (reader(Some("a"), Some(Role::Foreman)), vec!["Rules", "Foreman", "Last"]),
            (reader(Some("zoe"), Some(Role::Peer)),  vec!["Rules", "Peer", "For you", "Last"]),
            (reader(None, None),                     vec!["Rules", "Foreman", "Peer", "Role: judge", "Last"]),
        ];
        for (reader, wanted) in cases {
            let shown = of(TEXT, &reader);
            let headings: Vec<_> = shown.lines().filter_map(|line| line.strip_prefix("## ")).collect();
            assert_eq!(headings, wanted, "{reader:?}");
            assert!(shown.starts_with("Intro\n\n## Rules\nOne.\n"));
            assert_eq!(
                shown.contains("### More\nOn.\n"),
                headings.contains(&"Foreman"),
                "a smaller heading ends no part"
            );
        }
        assert_eq!(of("", &Reader::default()), "");
        assert_eq!(of("no heading", &Reader::default()), "no heading");
    }

    #[test]
    fn a_topic_is_found_by_words_of_its_heading() {
        assert_eq!(part(TEXT, " "), TEXT);
        assert_eq!(part(TEXT, "RULES"), "## Rules\nOne.\n\n");
        assert_eq!(part(TEXT, "last"), "## Last\nEnd.\n");
        assert!(part(TEXT, "weather").contains("Rules; "), "{}", part(TEXT, "weather"));
    }
}
