//! `cccc im`: a group's bridge to a chat platform, and the chats that are let in.

use super::group_arg::Address;
use super::word;
use crate::client::Client;
use crate::failure::Failure;
use bus::contract::im::Platform;
use bus::contract::op::{bridge, im};
use bus::contract::private::{Asked, Hidden};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Map, Value};

/// `cccc im`
#[derive(Debug, Subcommand)]
pub enum ImCommand {
    /// Choose a platform and say what its bridge logs in with
    Set(Box<ImSetArgs>),
    /// Forget the platform and its credentials
    Unset(Address),
    /// Show the configuration, without its secrets
    Config(Address),
    /// Let the chat in that was given this key
    Bind {
        /// The key that the chat shows
        #[arg(long)]
        key: String,
        #[command(flatten)]
        at: Address,
    },
    /// List the chats that ask to be let in, with their keys
    Pending(Address),
    /// Make a key worthless
    Reject {
        /// The key that the chat shows
        #[arg(long)]
        key: String,
        #[command(flatten)]
        at: Address,
    },
    /// List the chats that are let in
    Authorized(Address),
    /// Let a chat in no more
    Revoke {
        #[command(flatten)]
        chat: WhichChat,
        #[command(flatten)]
        at: Address,
    },
    /// Change what a chat is sent
    Chat {
        #[command(flatten)]
        chat: WhichChat,
        /// Whether messages are passed on to it
        #[arg(long, value_name = "YES|NO", value_parser = clap::builder::BoolishValueParser::new())]
        subscribed: Option<bool>,
        /// Whether all messages are, or only those to the user
        #[arg(long, value_name = "YES|NO", value_parser = clap::builder::BoolishValueParser::new())]
        verbose: Option<bool>,
        #[command(flatten)]
        at: Address,
    },
}

/// Which chat.
#[derive(Debug, Args)]
pub struct WhichChat {
    /// The platform's id of the chat
    #[arg(long, allow_hyphen_values = true)]
    chat_id: String,
    /// Thread in it
    #[arg(long, default_value_t = 0)]
    thread_id: i64,
}

/// `cccc im set`
#[derive(Debug, Args)]
pub struct ImSetArgs {
    /// The platform
    #[arg(value_parser = PossibleValuesParser::new(Platform::WORDS), ignore_case = true)]
    platform: String,
    /// The bot's token, or its environment variable's name; `-` reads it from standard input. Your shell may remember what
    /// you type
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// Environment variable with the bot's token
    #[arg(long, alias = "bot-token-env", value_name = "NAME")]
    token_env: Option<String>,
    /// Environment variable with the app's token (slack)
    #[arg(long, value_name = "NAME")]
    app_token_env: Option<String>,
    /// Environment variable with the app's id or key (feishu, dingtalk)
    #[arg(long, value_name = "NAME")]
    app_key_env: Option<String>,
    /// Environment variable with the app's secret (feishu, dingtalk)
    #[arg(long, value_name = "NAME")]
    app_secret_env: Option<String>,
    /// feishu or lark (feishu)
    #[arg(long)]
    domain: Option<String>,
    /// Environment variable with the robot's code (dingtalk)
    #[arg(long, value_name = "NAME")]
    robot_code_env: Option<String>,
    /// The robot's code (dingtalk)
    #[arg(long, value_name = "CODE")]
    robot_code: Option<String>,
    /// Store a credential that is read from standard input, without its last line end, such as app_token
    #[arg(long, value_name = "NAME", conflicts_with = "token")]
    from_stdin: Option<String>,
    #[command(flatten)]
    at: Address,
}

impl ImSetArgs {
    /// The configuration as the op takes it.
    fn config(&self) -> Result<Map<String, Value>, Failure> {
        let is_feishu = self.platform.eq_ignore_ascii_case(Platform::Feishu.word());
        let (key, secret) = match is_feishu {
            true => ("feishu_app_id_env", "feishu_app_secret_env"),
            false => ("dingtalk_app_key_env", "dingtalk_app_secret_env"),
        };
        let token = self.token.clone().map(secret_text).transpose()?;
        let piped =
            self.from_stdin.clone().map(|name| Ok::<_, Failure>((name, secret_text("-".into())?))).transpose()?;
        #[rustfmt::skip]
        let given = [
            ("bot_token",               &token),
            ("bot_token_env",           &self.token_env),
            ("app_token_env",           &self.app_token_env),
            (key,                       &self.app_key_env),
            (secret,                    &self.app_secret_env),
            ("feishu_domain",           &self.domain),
            ("dingtalk_robot_code_env", &self.robot_code_env),
            ("dingtalk_robot_code",     &self.robot_code),
        ];
        let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into())));
        let platform = ("platform".to_owned(), Value::from(self.platform.as_str()));
        let piped = piped.map(|(name, value)| (name, Value::from(value)));
        Ok(given.chain([platform]).chain(piped).collect())
    }
}

fn secret_text(typed: String) -> Result<String, Failure> {
    let text = word::text(typed)?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// Does what was typed.
///
/// # Errors
///
/// The refusal.
pub fn run(client: &Client, command: ImCommand) -> Result<(), Failure> {
    match command {
        ImCommand::Set(args) => {
            let config = Asked(Value::Object(args.config()?));
            args.at.ask(client, |group_id| bridge::Set { group_id, config })
        }
        ImCommand::Unset(at) => at.ask(client, |group_id| bridge::Unset { group_id }),
        ImCommand::Config(at) => at.ask(client, |group_id| bridge::Get { group_id }),
        ImCommand::Bind { key, at } => at.ask(client, |group_id| im::Bind { group_id, key: Hidden::from(key) }),
        ImCommand::Pending(at) => at.ask(client, |group_id| im::ListPending { group_id }),
        ImCommand::Reject { key, at } => at.ask(client, |group_id| im::Reject { group_id, key: Hidden::from(key) }),
        ImCommand::Authorized(at) => at.ask(client, |group_id| im::ListAuthorized { group_id, ..Default::default() }),
        ImCommand::Revoke { chat: WhichChat { chat_id, thread_id }, at } => {
            let thread_id = Some(thread_id);
            at.ask(client, |group_id| im::Revoke { group_id, chat_id, thread_id })
        }
        ImCommand::Chat { chat: WhichChat { chat_id, thread_id }, subscribed, verbose, at } => {
            let thread_id = Some(thread_id);
            at.ask(client, |group_id| im::ChatSet { group_id, chat_id, thread_id, subscribed, verbose })
        }
    }
}
