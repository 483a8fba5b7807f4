//! The client of ledgerd: what ptyd reads there, and what it hands on in somebody's name.

use crate::assignments::Assignments;
use bus::contract::op::delivery::{Desk, DeskGet};
use bus::contract::op::{prompt, secret};
use bus::contract::private::Variables;
use bus::contract::prompt::Prompt;
use bus::contract::{Ask, OpError, Principal, Reply};
use bus::peer::{Peers, Question};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Groups whose assignments are read at the same time.
const READS_MAX: usize = 16;

/// Asks ledgerd.
#[derive(Debug)]
pub struct Ledgerd {
    peers: Arc<Peers>,
    reads: Semaphore,
}

impl Ledgerd {
    /// A client that asks over these links.
    pub fn new(peers: Arc<Peers>) -> Self {
        Self { peers, reads: Semaphore::new(READS_MAX) }
    }

    /// Asks in ptyd's own name.
    ///
    /// # Errors
    ///
    /// Its refusal, or `daemon_unavailable`.
    pub async fn know<A: Ask>(&self, args: A) -> Result<A::Answer, OpError> {
        self.peers.ask_as(Principal::system(), args).await
    }

    /// Asks in somebody's name.
    ///
    /// # Errors
    ///
    /// As [`Ledgerd::know`].
    pub async fn ask(&self, question: Question) -> Result<Reply, OpError> {
        self.peers.ask(question).await
    }

    /// Reads the assignments of a group, page by page.
    ///
    /// # Errors
    ///
    /// `group_not_found` when the group is gone; anything else says that they cannot be read now.
    pub async fn assignments(&self, group_id: &str) -> Result<Assignments, OpError> {
        let _place = self.reads.acquire().await.expect("nobody closes it");
        let mut assignments = Assignments::begin(self.assignments_page(group_id, &[]).await?)?;
        while !assignments.missing().is_empty() {
            let page = self.assignments_page(group_id, assignments.missing()).await?;
            assignments.add(page)?;
        }
        Ok(assignments)
    }

    /// Reads one page of a group's assignments, with those of these actors, as far as they fit; of all when none is named.
    ///
    /// # Errors
    ///
    /// As [`Ledgerd::assignments`].
    pub async fn assignments_page(&self, group_id: &str, actor_ids: &[String]) -> Result<Desk, OpError> {
        self.know(DeskGet { group_id: group_id.into(), actor_ids: actor_ids.to_vec() }).await
    }

    /// The private environment an actor is to start with.
    ///
    /// # Errors
    ///
    /// It is lost, the actor is gone, or ledgerd does not answer.
    pub async fn secrets(&self, group_id: &str, actor_id: &str) -> Result<Variables, OpError> {
        let args = secret::Get { group_id: group_id.into(), actor_id: actor_id.into() };
        Ok(self.know(args).await?.variables)
    }

    /// What a group tells its agents before their first message.
    ///
    /// # Errors
    ///
    /// The group is gone, or ledgerd does not answer.
    pub async fn preamble(&self, group_id: &str) -> Result<Prompt, OpError> {
        let args = prompt::PreambleGet { group_id: group_id.into() };
        Ok(self.know(args).await?.prompt)
    }
}
