//! Private environment variables: written by clients, read by nobody but the start of an agent.
//!
//! Neither type shows a value when it is printed for people or logs, so no value gets into a log by accident.

use super::lenient;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// Variables as a client sends them; null when it sends none. Nothing is checked yet.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Asked(#[schemars(with = "Option<Map<String, Value>>")] pub Value);

impl Asked {
    /// The same names without values: what may be kept of a request.
    #[must_use]
    pub fn names_only(&self) -> Self {
        match &self.0 {
            Value::Object(map) => {
                Self(Value::Object(map.keys().map(|name| (name.clone(), Value::Null)).collect::<Map<_, _>>()))
            }
            _ => Self::default(),
        }
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.as_object().into_iter().flat_map(Map::keys)).finish()
    }
}

/// A short secret that is sent as an argument, such as a key; `""` when there is none.
#[derive(Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Hidden(String);

impl Hidden {
    /// The secret itself.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::text(deserializer).map(Self)
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "none" } else { "hidden" })
    }
}

/// All private variables of an actor or a profile, by name.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Variables(pub BTreeMap<String, String>);

impl Variables {
    /// Their names, sorted.
    pub fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_never_shown() {
        let asked = Asked(json!({"KEY": "hunter2", "N": {"deep": "hunter2"}}));
        let variables = Variables(BTreeMap::from([("KEY".into(), "hunter2".into())]));
        assert_eq!(format!("{asked:?}"), r#"["KEY", "N"]"#);
        assert_eq!(format!("{variables:?}"), r#"["KEY"]"#);
        assert_eq!(format!("{:?} {:?}", Hidden::default(), Hidden::from("hunter2".to_owned())), "none hidden");
        assert_eq!(asked.names_only().0, json!({"KEY": null, "N": null}));
        for odd in [json!("hunter2"), json!(["hunter2"]), json!(null)] {
            assert_eq!((format!("{:?}", Asked(odd.clone())), Asked(odd).names_only().0), ("[]".into(), Value::Null));
        }
    }
}
