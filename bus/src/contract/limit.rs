//! Every limit that a client can meet, with its reason. A refusal names the limit.

/// Longest request line on the NDJSON socket, newline included (the published clients refuse to send more).
pub const REQUEST_LINE_BYTES_MAX: usize = 2_000_000;

/// Longest response line on the NDJSON socket (the published clients stop reading there).
pub const RESPONSE_LINE_BYTES_MAX: usize = 4_000_000;

/// Levels of lists and objects in the arguments of an op, the object they are in among them. Events and answers are a few
/// levels deeper, and readers of JSON give up at 128.
pub const NESTING_MAX: usize = 64;

/// Simultaneous connections of the NDJSON socket.
pub const CONNECTIONS_MAX: usize = 1_000;

/// Largest message on the bus.
pub const BUS_MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of the rows of one page of a list; at least one row is always returned. With all that comes beside it, an answer
/// stays below [`BUS_MESSAGE_BYTES_MAX`].
pub const PAGE_BYTES_MAX: usize = 1_500_000;

/// Longest line a ledger accepts, newline included.
pub const LEDGER_LINE_BYTES_MAX: usize = 256_000;

/// Chat text above this is stored as a blob, and the event carries a notice and an attachment.
pub const TEXT_INLINE_BYTES_MAX: usize = 32_000;

/// Longest text, in characters, that is typed whole into an agent's terminal; of a longer one its beginning is typed, and
/// how to read all of it.
pub const TYPED_CHARS_MAX: usize = 4_000;

/// Longest text one message may have, inline or as a blob.
pub const TEXT_BYTES_MAX: usize = 1_900_000;

/// Longest request id.
pub const REQUEST_ID_BYTES_MAX: usize = 128;

/// Longest title of a group or an actor, and longest topic line.
pub const TITLE_BYTES_MAX: usize = 1_000;

/// Longest topic of a group.
pub const TOPIC_BYTES_MAX: usize = 16_000;

/// Recipients one message may name.
pub const RECIPIENTS_MAX: usize = 256;

/// Actors one group may have.
pub const ACTORS_MAX: usize = 256;

/// Things that are owed in one group and are listed one by one.
pub const WAITING_MAX: usize = 100;

/// Directories one group may have attached.
pub const SCOPES_MAX: usize = 256;

/// Groups one home may have.
pub const GROUPS_MAX: usize = 10_000;

/// Words of an actor's command.
pub const COMMAND_WORDS_MAX: usize = 256;

/// Bytes of an actor's command, all words together.
pub const COMMAND_BYTES_MAX: usize = 32_000;

/// Public environment variables of one actor.
pub const ENV_KEYS_MAX: usize = 256;

/// Bytes of one actor's public environment, keys and values together.
pub const ENV_BYTES_MAX: usize = 64_000;

/// Private environment variables of one actor or one profile, and of one request about them.
pub const SECRET_KEYS_MAX: usize = 256;

/// Bytes of one private variable as a program gets it, `NAME=value`: the system starts no program with a longer one.
pub const VARIABLE_BYTES_MAX: usize = 131_071;

/// Bytes of all private variables of one actor or one profile, names and values together. With the public ones, the
/// command and what every agent gets they must fit into what a program can be started with.
pub const SECRETS_BYTES_MAX: usize = 400_000;

/// Bytes of one text that a group gives its agents: its preamble, or its playbook.
pub const PROMPT_BYTES_MAX: usize = 512 * 1024;

/// Chats that may wait at the same time to be let into a group.
pub const IM_PENDING_MAX: usize = 50;

/// How often one chat may ask within an hour to be let into a group.
pub const IM_ASKINGS_PER_HOUR_MAX: usize = 5;

/// Chats that may be let into a group.
pub const IM_CHATS_MAX: usize = 1_000;

/// Profiles one home may have.
pub const PROFILES_MAX: usize = 1_000;

/// Largest file that is stored for a group.
pub const BLOB_BYTES_MAX: usize = 20 * 1024 * 1024;

/// Largest piece in which a stored file goes in or out; in base64 it fits into a line of the NDJSON socket.
pub const BLOB_PIECE_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of all stored files of one group, above which no upload is taken. Long texts count, too, and are never refused
/// for it.
pub const GROUP_BLOBS_BYTES_MAX: u64 = 20 * 1024 * 1024 * 1024;

/// Files of a home that may be half uploaded at a time.
pub const UPLOADS_MAX: usize = 64;

/// How long half a file is kept for somebody to go on with it.
pub const UPLOAD_HOURS_MAX: u64 = 24;

/// Attachments one message may carry.
pub const ATTACHMENTS_MAX: usize = 64;

/// Keys under which tasks were handed on that a group remembers; the oldest goes when there is one more.
pub const TRACKED_KEYS_MAX: usize = 10_000;

/// References one message may carry.
pub const REFS_MAX: usize = 64;

/// Bytes of all references of one message as JSON.
pub const REFS_BYTES_MAX: usize = 32_000;

/// Characters of what a sender thinks of its message.
pub const INSIGHT_CHARS_MAX: usize = 1_200;

/// Bytes of all files that one `send_files` sends.
pub const SENT_FILES_BYTES_MAX: u64 = 100 * 1024 * 1024;

/// Longest line with which a viewer is introduced to a terminal, or is answered.
pub const INTRODUCTION_BYTES_MAX: usize = 64 * 1024;

/// Events one `range` or `window` answer carries at most.
pub const RANGE_EVENTS_MAX: usize = 2_000;

/// Bytes of events one answer carries at most; at least one event is always returned.
pub const RANGE_BYTES_MAX: usize = 2_000_000;

/// Events one `ledger_search` returns at most.
pub const SEARCH_EVENTS_MAX: usize = 200;

/// Longest text that can be looked for.
pub const SEARCH_TEXT_BYTES_MAX: usize = 1_000;

/// Bytes that one `ledger_search` reads at most, of the ledger and of texts that are too long for it, give or take a
/// piece: whoever looks for something rare waits for a bounded time and goes on from the answer's cursor.
pub const SEARCH_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Messages one `inbox_list` returns at most, also when asked for no limit.
pub const INBOX_MESSAGES_MAX: usize = 1_000;

/// Messages one `inbox_read` returns at most. They are read while it is decided, by the thread that decides.
pub const INBOX_READ_MAX: usize = 200;

/// Event ids one delivery record or status question may name.
pub const EVENT_IDS_MAX: usize = 500;

/// Operations one `context_sync` may have.
pub const CONTEXT_OPS_MAX: usize = 200;

/// Longest vision, sketch, description, goal, note and the like in a context.
pub const CONTEXT_TEXT_BYTES_MAX: usize = 32_000;

/// Milestones a context may have; also tasks, notes, references and presences, each.
pub const CONTEXT_ENTRIES_MAX: usize = 2_000;

/// Decisions and handoffs a context keeps, each; the oldest goes when there is one more.
pub const CONTEXT_REMARKS_MAX: usize = 50;

/// Bytes of a whole context as JSON: it must fit into one answer.
pub const CONTEXT_BYTES_MAX: usize = 1_500_000;

/// Steps one task may have.
pub const TASK_STEPS_MAX: usize = 100;

/// Bytes of a template.
pub const TEMPLATE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Rules one group may have.
pub const AUTOMATION_RULES_MAX: usize = 200;

/// Snippets one group may have.
pub const AUTOMATION_SNIPPETS_MAX: usize = 200;

/// Actions one `group_automation_manage` may have.
pub const AUTOMATION_ACTIONS_MAX: usize = 200;

/// Longest id of a rule and longest name of a snippet.
pub const AUTOMATION_ID_BYTES_MAX: usize = 64;

/// Longest snippet, and longest message of a rule.
pub const AUTOMATION_TEXT_BYTES_MAX: usize = 16_384;

/// Bytes of all rules and snippets of a group as JSON: a change of all of them must fit into one line of the ledger,
/// together with their names.
pub const AUTOMATION_BYTES_MAX: usize = 128_000;

/// Longest time between two firings of a rule; what is rarer has a calendar.
pub const AUTOMATION_INTERVAL_SECONDS_MAX: u64 = 366 * 24 * 60 * 60;

/// Shortest time between two firings of a rule that an agent makes.
pub const AUTOMATION_AGENT_INTERVAL_SECONDS_MIN: u64 = 30;

/// How often in a row a program may end by itself within a minute before nobody starts it again by itself.
pub const QUICK_EXITS_MAX: u32 = 10;

/// How long the answers to write requests are remembered.
pub const REPLAY_WINDOW_HOURS: i64 = 24;

/// How many answers to write requests are remembered at the least.
pub const REPLAY_WINDOW_REQUESTS_MIN: usize = 100_000;

/// Tokens for the web server of one home.
pub const WEB_TOKENS_MAX: usize = 100;

/// Browsers of one home that are told while no page is open.
pub const PUSH_DEVICES_MAX: usize = 50;

/// What a browser may say of how it is reached: an address and two keys.
pub const PUSH_SUBSCRIPTION_BYTES_MAX: usize = 4_096;

/// Columns of a terminal that can be asked for. With [`TERMINAL_ROWS_MAX`], its model takes 10 MB.
pub const TERMINAL_COLS_MAX: u16 = 1_000;

/// Rows of a terminal that can be asked for.
pub const TERMINAL_ROWS_MAX: u16 = 300;

/// Bytes of a Unix socket path (`sun_path` without its terminating zero).
pub const SOCKET_PATH_BYTES_MAX: usize = 107;
