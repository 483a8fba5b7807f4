//! The commands, one row each; what a command does is in the file of its noun.

mod actor;
mod attach;
mod automation;
mod blob;
mod call;
mod context;
mod daemon;
mod doctor;
mod door;
mod event_id;
mod group;
mod group_arg;
mod guidance;
pub mod help;
mod im;
mod import;
mod inbox;
mod ledger;
mod manual;
mod mcp;
mod message;
mod note;
mod principal;
mod profile;
mod run;
mod runtime;
mod search;
mod secret;
mod setup;
mod status;
mod task;
mod template;
mod terminal;
#[cfg(test)]
mod tests;
pub mod usage;
mod version;
mod web;
mod word;

use crate::client::Client;
use crate::failure::Failure;
use clap::Subcommand;

/// What can be typed after `cccc`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Attach a directory: finds or makes its group, and makes it active
    Attach(group::AttachArgs),
    /// Make, show, change, start, stop and delete groups
    #[command(subcommand)]
    Group(group::GroupCommand),
    /// List the groups
    Groups,
    /// Make a group the active one
    Use {
        /// Group, by id or title
        group: String,
    },
    /// Show which group is active
    Active,
    /// List, add, change, start and stop actors
    #[command(subcommand)]
    Actor(actor::ActorCommand),
    /// List, make, change and delete profiles that actors of many groups can share
    #[command(subcommand)]
    Profile(profile::ProfileCommand),
    /// Send a message
    Send(message::SendArgs),
    /// Answer a message
    Reply(message::ReplyArgs),
    /// Acknowledge a message or notification
    Ack(message::AckArgs),
    /// Hand a message over that has not arrived, or, with --again, once more
    Deliver(message::DeliverArgs),
    /// Show what is unread
    Inbox(inbox::InboxArgs),
    /// Mark as read
    Read(inbox::ReadArgs),
    /// Send a notification
    Notify(message::NotifyArgs),
    /// Show and change what a group shares beside its messages
    #[command(subcommand)]
    Context(context::ContextCommand),
    /// List, add and move tasks
    #[command(subcommand)]
    Task(task::TaskCommand),
    /// Add and remove notes
    #[command(subcommand)]
    Note(note::NoteCommand),
    /// Show and change what a group does by itself
    #[command(subcommand)]
    Automation(automation::AutomationCommand),
    /// Show and change what agents are told: the preamble and the playbook
    #[command(subcommand)]
    Guidance(guidance::Guidance),
    /// Show what an actor is told before its first message
    Prompt(guidance::PromptArgs),
    /// Keep, share and apply what a group is made of
    #[command(subcommand)]
    Template(template::TemplateCommand),
    /// Show what happened, and follow what happens
    Tail(ledger::TailArgs),
    /// Look for messages by text, sender, recipient and time
    Search(search::SearchArgs),
    /// Store and fetch files
    #[command(subcommand)]
    Blob(blob::BlobCommand),
    /// Show one event whole
    Show(ledger::ShowArgs),
    /// Show an agent's live terminal; Ctrl-\ detaches
    AttachTerminal(terminal::AttachTerminalArgs),
    /// Look at an agent's terminal
    #[command(subcommand)]
    Terminal(terminal::TerminalCommand),
    /// Connect a chat platform: configure its bridge, and let chats in
    #[command(subcommand)]
    Im(im::ImCommand),
    /// Show or set whether a claim to be an actor needs a proof
    Principals(principal::Principals),
    /// Serve browsers, alone and in the foreground; look after the tokens that let people in
    Web(web::Web),
    /// List the agent programs that are installed
    #[command(subcommand)]
    Runtime(runtime::RuntimeCommand),
    /// Make agent programs know the tools of cccc, or take that back
    Setup(setup::SetupArgs),
    /// Check and look after ledgers
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Bring the groups of an older home over
    Import(import::Import),
    /// Ask for any op, as scripts do
    Call(call::CallArgs),
    /// Show what runs, the groups, and how each actor is
    Status,
    /// Look at everything that can be wrong; exit code 1 when something is
    Doctor,
    /// Show the version
    Version,
    /// Show two built-in agents at work, in a throwaway home
    Demo(crate::demo::DemoArgs),
    /// One of the agents of `demo`
    #[command(hide = true)]
    DemoAgent,
    /// Write shell completions
    Completions(manual::Completions),
    /// Write a manual page
    Man(manual::Man),
    /// Start, stop and look at the processes in the background
    #[command(subcommand)]
    Daemon(daemon::DaemonCommand),
    /// Serve an agent its tools over MCP; agents start it
    Mcp,
    /// Serve the socket of scripts and published clients; started by the supervisor
    #[command(hide = true)]
    Door,
}

impl Command {
    /// Whether the daemons are started for it when they do not run. What only looks starts nothing.
    pub fn starts_daemons(&self) -> bool {
        match self {
            Command::Attach(_)
            | Command::Group(_)
            | Command::Actor(_)
            | Command::Profile(_)
            | Command::Send(_)
            | Command::Reply(_)
            | Command::Ack(_)
            | Command::Deliver(_)
            | Command::Inbox(_)
            | Command::Read(_)
            | Command::Notify(_)
            | Command::Blob(_)
            | Command::Context(_)
            | Command::Task(_)
            | Command::Note(_)
            | Command::Automation(_)
            | Command::Template(_)
            | Command::Guidance(_)
            | Command::Im(_)
            | Command::Web(_)
            | Command::Principals(_) => true,
            Command::Groups
            | Command::Use { .. }
            | Command::Active
            | Command::Prompt(_)
            | Command::Tail(_)
            | Command::Search(_)
            | Command::Show(_)
            | Command::AttachTerminal(_)
            | Command::Terminal(_)
            | Command::Runtime(_)
            | Command::Import(_)
            | Command::Ledger(_)
            | Command::Call(_)
            | Command::Status
            | Command::Doctor
            | Command::Version
            | Command::Demo(_)
            | Command::DemoAgent
            | Command::Completions(_)
            | Command::Man(_)
            | Command::Daemon(_)
            | Command::Mcp
            | Command::Setup(_)
            | Command::Door => false,
        }
    }
}

/// Does what was typed; nothing typed means the whole stack in the foreground. `all` is the whole command line, for those
/// that tell of it.
///
/// # Errors
///
/// What went wrong, ready to be shown.
pub fn run(client: &Client, command: Option<Command>, all: fn() -> clap::Command) -> Result<(), Failure> {
    let Some(command) = command else { return run::run(client) };
    match command {
        Command::Attach(args) => group::attach(client, args),
        Command::Group(command) => group::run(client, command),
        Command::Groups => group::list(client),
        Command::Use { group } => group::make_active(client, &group),
        Command::Active => group::show_active(client),
        Command::Actor(command) => actor::run(client, command),
        Command::Profile(command) => profile::run(client, command),
        Command::Send(args) => message::send(client, args),
        Command::Reply(args) => message::reply(client, args),
        Command::Ack(args) => message::ack(client, args),
        Command::Deliver(args) => message::deliver(client, args),
        Command::Inbox(args) => inbox::list(client, args),
        Command::Read(args) => inbox::read(client, args),
        Command::Notify(args) => message::notify(client, args),
        Command::Context(command) => context::run(client, command),
        Command::Task(command) => task::run(client, command),
        Command::Note(command) => note::run(client, command),
        Command::Automation(command) => automation::run(client, command),
        Command::Guidance(command) => guidance::run(client, command),
        Command::Prompt(args) => guidance::prompt(client, args),
        Command::Template(command) => template::run(client, command),
        Command::Tail(args) => ledger::tail(client, args),
        Command::Search(args) => search::run(client, args),
        Command::Blob(command) => blob::run(client, command),
        Command::Show(args) => ledger::show(client, args),
        Command::AttachTerminal(args) => terminal::attach(client, args),
        Command::Terminal(command) => terminal::run(client, command),
        Command::Im(command) => im::run(client, command),
        Command::Web(args) => web::run(client, args),
        Command::Principals(args) => principal::run(client, args),
        Command::Runtime(command) => runtime::run(client, command),
        Command::Setup(args) => setup::run(client, &args),
        Command::Ledger(command) => ledger::run(client, command),
        Command::Import(args) => import::run(client, &args),
        Command::Call(args) => call::run(client, args),
        Command::Status => status::run(client),
        Command::Doctor => doctor::run(client),
        Command::Version => version::run(client),
        Command::Demo(args) => crate::demo::run(client, &args),
        Command::DemoAgent => crate::demo::agent(client),
        Command::Completions(args) => manual::completions(&args, all()),
        Command::Man(args) => manual::man(&args, all()),
        Command::Daemon(command) => daemon::run(client, command),
        Command::Mcp => mcp::run(client),
        Command::Door => door::run(client),
    }
}
