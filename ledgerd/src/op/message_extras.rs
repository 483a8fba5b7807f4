//! What goes along with a message beside its text and its files: references, what its sender thinks of it, and what the
//! user might say next.

use super::request::within;
use bus::contract::event::ChatMessage;
use bus::contract::{Code, OpError, limit};
use serde_json::Value;

/// What goes along with a message, checked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Enclosure {
    refs: Vec<Value>,
    insight: Option<String>,
    suggested_user_message: Option<String>,
}

impl Enclosure {
    /// Reads it as a client gives it; what is blank is not there.
    ///
    /// # Errors
    ///
    /// `invalid_request`: references that are no list of objects, a limit. `invalid_insight`.
    pub fn read(refs: &Value, insight: &str, suggested_user_message: &str) -> Result<Self, OpError> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let chars = insight.trim().chars().count();
        if chars > limit::INSIGHT_CHARS_MAX {
            let refusal = OpError::too_large("insight", chars, limit::INSIGHT_CHARS_MAX, "INSIGHT_CHARS_MAX");
            return Err(OpError { code: Code::InvalidInsight, ..refusal });
        }
        let (max, name) = (limit::TEXT_INLINE_BYTES_MAX, "TEXT_INLINE_BYTES_MAX");
        within("suggested_user_message", suggested_user_message, max, name)?;
        let suggested_user_message = given(suggested_user_message);
        Ok(Self { refs: references(refs)?, insight: given(insight), suggested_user_message })
    }

    /// Adds a reference of our own.
    #[must_use]
    pub fn and(mut self, reference: Value) -> Self {
        self.refs.push(reference);
        self
    }

    /// Checks that agents get a message together with what its sender thinks of it, where that is wanted.
    ///
    /// # Errors
    ///
    /// `peer_insight_required`.
    pub fn check_insight(&self, is_required: bool, to: &[String]) -> Result<(), OpError> {
        let is_for_user_only = !to.is_empty() && to.iter().all(|to| to == "user");
        if !is_required || is_for_user_only || self.insight.is_some() {
            return Ok(());
        }
        let sentence = "the message goes to agents and says nothing of what its sender thinks; give an insight";
        Err(OpError::new(Code::PeerInsightRequired, sentence)
            .with("delivery_state", "not_sent")
            .with("new_side_effects", false))
    }

    /// The message with it.
    pub fn with(&self, message: ChatMessage) -> ChatMessage {
        let Self { refs, insight, suggested_user_message } = self.clone();
        ChatMessage { refs, insight, suggested_user_message, ..message }
    }
}

fn references(refs: &Value) -> Result<Vec<Value>, OpError> {
    let items = match refs {
        Value::Null => return Ok(Vec::new()),
        Value::Array(items) if items.iter().all(Value::is_object) => items,
        Value::Array(_) | Value::Object(_) | Value::String(_) | Value::Number(_) | Value::Bool(_) => {
            return Err(OpError::new(Code::InvalidRequest, "refs must be a list of objects"));
        }
    };
    if items.len() > limit::REFS_MAX {
        return Err(OpError::too_large("refs", items.len(), limit::REFS_MAX, "REFS_MAX"));
    }
    within("refs", &refs.to_string(), limit::REFS_BYTES_MAX, "REFS_BYTES_MAX")?;
    Ok(items.clone())
}
