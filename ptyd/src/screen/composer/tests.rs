//! Screens, as programs draw them, and what is read off each.

use super::*;

fn view(drawn: &str) -> View {
    let mut parser = vt100::Parser::new(12, 40, 0);
    parser.process(drawn.as_bytes());
    View::of(parser.screen())
}

fn setting(before: &str) -> Setting {
    Setting { before: before.into(), ..Setting::default() }
}

fn composer(id: &str) -> Composer {
    runtime::find(id).unwrap().terminal.composer()
}

#[test]
fn what_stands_at_the_cursor_is_told_apart() {
    use Spot::{Blank, Draft, Open, Prompt, Question, Text};
    #[rustfmt::skip]
    let cases = [
        // runtime    drawn                                                             spot      why
        ("custom",   "",                                                                Blank,    "nothing yet"),
        ("custom",   "\x1b[2J\x1b[5;5H",                                                Blank,    "a cleared screen"),
        ("custom",   "hello\r\n> ",                                                     Prompt,   "a prompt"),
        ("custom",   "│ > ",                                                            Prompt,   "a framed prompt"),
        ("custom",   "you> ",                                                           Prompt,   "a label"),
        ("custom",   "hello\r\n",                                                       Open,     "an empty line"),
        ("custom",   "> make it",                                                       Draft,    "a draft"),
        ("custom",   "! ",                                                              Text,     "a mode in which a text is a command"),
        ("custom",   "root@host:~# ",                                                   Text,     "a shell's prompt"),
        ("custom",   "user@host ~ $ ",                                                  Text,     "another one"),
        ("custom",   "Paste code here if prompted > ",                                  Text,     "a log-in"),
        ("custom",   "Delete it? [y/N] ",                                               Question, "a question"),
        ("custom",   "Delete it? (y/n)\r\n",                                            Question, "one with an empty line for the answer"),
        ("custom",   "> 1. \r\n  2. No\x1b[1;6H",                                   Question, "a field of a numbered choice"),
        ("custom",   "Trust it?\r\n❯ No\r\n  Yes\x1b[2;1H",                             Question, "the cursor on a pointer"),
        ("custom",   "Pick\r\n  a\r\n  b\r\nEnter to select\r\n",                        Question, "a menu that says so"),
        ("claude",   "────\r\n❯\u{a0}",                                                 Prompt,   "its composer"),
        ("claude",   "❯ Try \"fix it\"\x1b[1;3H",                                        Prompt,   "with an example in it"),
        ("claude",   " ❯ No, exit\r\n   Yes, I trust this folder\x1b[1;2H",             Question, "its trust dialog"),
        ("claude",   "Name?\r\n> ",                                                     Question, "another prompt than its own"),
        ("claude",   "❯ draft",                                                         Draft,    "a draft"),
        ("claude",   "! ",                                                              Draft,    "its mode for commands"),
        ("claude",   "❯ make it\x1b[1;3H",                                             Draft,    "a draft behind the cursor"),
        ("custom",   "> make it\x1b[1;3H",                                             Draft,    "the same"),
        ("custom",   "> \x1b[2mmake it\x1b[m\x1b[1;3H",                                Prompt,   "an example"),
        ("custom",   "Enter your API key:\r\n> ",                                        Question, "a log-in"),
        ("custom",   "What shall I do?\r\n> ",                                           Prompt,   "an agent that wants work"),
        ("custom",   "\x1b[?25lmenu\r\n",                                               Text,     "a cursor that is hidden anywhere"),
        ("codex",    "› 1. Yes\r\n  2. No\x1b[1;3H",                                  Question, "its cursor before a choice"),
        ("codex",    "› \x1b[2mAsk Codex to do anything\x1b[1;3H",                             Prompt,   "its composer"),
        ("codex",    "> 1. Sign in\r\n  2. Not\r\n\r\n",                                Question, "its log-in"),
        ("codex",    "  $ rm x\r\n\r\n› 1. Yes (y)\r\n  2. No\x1b[1;5H",              Question, "its cursor left anywhere while it asks"),
        ("opencode", "  ┃  ",                                                           Prompt,   "its composer"),
        ("opencode", "  Search\r\n  ",                                                  Question, "a field of one of its menus"),
        ("opencode", "  ┃  draft",                                                      Draft,    "a draft"),
    ];
    for (id, drawn, wanted, why) in cases {
        assert_eq!(view(drawn).spot(&composer(id)), wanted, "{why}: {drawn:?}");
    }
}

#[test]
fn a_text_counts_as_seen_at_the_cursor_whole_and_alone() {
    const TEXT: &str = "[cccc #1a2b3c4d] user → a: 審 hello there, all of you\nand more";
    let shown = TEXT.replace('\n', "\r\n  ");
    #[rustfmt::skip]
    let cases = [
        // runtime    drawn                                                   before   seen
        ("custom",   format!("> {shown}"),                                    "> ",    Some(Sighting::Whole)),
        ("custom",   format!("log: {shown}\r\n> "),                           "> ",    None),
        ("custom",   format!("> {shown}\r\n> "),                              "> ",    None),
        ("custom",   format!("> my draft {shown}"),                           "> ",    None),
        ("custom",   format!("> {shown}{shown}"),                             "> ",    None),
        ("custom",   format!("> {shown}\x1b[2D"),                             "> ",    None),
        ("custom",   format!("> {shown} x"),                                  "> ",    None),
        ("custom",   format!("Name: {shown}"),                                "Name: ", Some(Sighting::Whole)),
        ("custom",   format!("> {shown}\x1b7\r\n  Enter to select\x1b8"),     "> ",    None),
        ("custom",   "> [Pasted text #1 +1 lines]".into(),                    "> ",    Some(Sighting::Mark)),
        ("custom",   "> x [Pasted text #1 +1 lines]".into(),                  "> ",    None),
        ("claude",   format!("❯ {shown}"),                                    "❯ ",    Some(Sighting::Whole)),
        ("claude",   "❯ [Pasted text #12 +104 lines]".into(),                 "❯ ",    Some(Sighting::Mark)),
        ("claude",   "❯ [Pasted text #1 +1 lines][Pasted text #2 +1 lines]".into(), "❯ ", None),
        ("claude",   format!("  Search: {shown}"),                            "❯ ",    None),
        ("codex",    "› [Pasted Content 1513 chars]".into(),                  "› ",    Some(Sighting::Mark)),
        ("opencode", "  ┃  [Pasted ~3 lines] ".into(),                        "  ┃  ", Some(Sighting::Mark)),
        ("opencode", format!("  {shown}"),                                    "  ┃  ", None),
    ];
    for (id, drawn, before, wanted) in cases {
        assert_eq!(view(&drawn).shows(TEXT, &setting(before), &composer(id)), wanted, "{id}: {drawn:?}");
    }
    let behind = Setting { after: "draft".into(), ..setting("> ") };
    let glued = view(&format!("> {shown}draft\x1b[5D"));
    assert_eq!(glued.shows(TEXT, &behind, &composer("custom")), None, "a draft stays behind the text");
    let example = Setting { after: "Tryit".into(), ..setting("> ") };
    assert_eq!(view(&format!("> {shown}")).shows(TEXT, &example, &composer("custom")), Some(Sighting::Whole));
    let footer = format!("> {shown}\x1b7\r\n  Enter to submit\x1b8");
    let always = Setting { asks: true, ..setting("> ") };
    assert_eq!(view(&footer).shows(TEXT, &always, &composer("custom")), Some(Sighting::Whole), "it was there before");
    let long = "word ".repeat(300);
    assert_eq!(view(&format!("> {long}")).shows(&long, &setting("> "), &composer("custom")), Some(Sighting::End));
    let filled = "x".repeat(38);
    assert_eq!(view(&format!("> {filled}")).shows(&filled, &setting("> "), &composer("custom")), Some(Sighting::Whole));
    assert_eq!(
        view(&format!("> {filled}\r\n")).shows(&filled, &setting("> "), &composer("custom")),
        Some(Sighting::Whole),
        "wrapped by hand"
    );
}

#[test]
fn a_cursor_that_is_drawn_counts_while_the_real_one_is_hidden() {
    let text = "hello there";
    let drawn = format!("> {text}\x1b[7m \x1b[m\r\n  hints\r\n\x1b[?25l");
    assert_eq!(view(&drawn).shows(text, &setting("> "), &composer("custom")), Some(Sighting::Whole));
    assert_eq!(view(&format!("\x1b[?25l\x1b[7mtitle\x1b[m\r\n> {text}")).before(), format!("> {text}"));
}

#[test]
fn the_last_lines_are_what_a_person_would_look_at() {
    assert_eq!(view("a\r\n\r\n──\r\nb \r\nc\r\n").last_lines(2), ["b", "c"]);
}
