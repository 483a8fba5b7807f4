//! Which codes an op may be refused with: those of its access, those of what it is about, and its own.
//!
//! All of that is said by the op's row. A refusal that is not declared is a mistake, in the op or here: whoever tests listens to
//! every refusal that comes along.

use super::Code::{self, *};
use super::op::{About, Access, Late, Row, TABLE};

/// What anything that is asked may be refused with.
pub const ANY: &[Code] = &[InvalidRequest, PermissionDenied, DaemonUnavailable, InternalError];

/// What an op that writes may be refused with besides.
pub const WRITE: &[Code] = &[NoSpace, GroupDamaged, RequestIdReused];

/// What an op that stores files may be refused with besides.
pub const STORE: &[Code] = &[NoSpace, GroupDamaged];

/// What an op about a group may be refused with besides.
pub const GROUP: &[Code] = &[MissingGroupId, GroupNotFound];

/// What an op about a group may be refused with besides when no group need be named.
const ANY_GROUP: &[Code] = &[GroupNotFound];

/// What an op about what runs in a group may be refused with besides.
const SESSION: &[Code] = &[MissingGroupId];

impl Row {
    /// Codes that come with its access and with what it is about.
    pub fn common_refusals(&self) -> impl Iterator<Item = Code> {
        let access = match self.access {
            Access::Read => &[],
            Access::Write => WRITE,
            Access::Store => STORE,
        };
        let about = match self.about {
            About::Group | About::TwoGroups => GROUP,
            About::AnyGroup => ANY_GROUP,
            About::Session => SESSION,
            About::Home => &[],
        };
        ANY.iter().chain(access).chain(about).copied()
    }

    /// Whether it may be refused with a code.
    pub fn may_refuse(&self, code: Code) -> bool {
        self.refusals.contains(&code) || self.common_refusals().any(|common| common == code)
    }
}

/// Ops and those of their own refusals that only turn out there, in the order of the table.
pub fn late(at: Late) -> impl Iterator<Item = (&'static str, Code)> {
    let of_row =
        move |row: &'static Row| row.late.iter().filter(move |(is, _)| *is == at).map(|(_, code)| (row.name, *code));
    TABLE.iter().flat_map(of_row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_code_is_declared_twice_for_an_op() {
        for row in TABLE {
            let all: Vec<_> = row.common_refusals().chain(row.refusals.iter().copied()).map(Code::word).collect();
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{}: {all:?}", row.name);
        }
    }

    #[test]
    fn whoever_may_not_ask_is_refused_as_the_op_declares() {
        for row in TABLE {
            assert!(row.may_refuse(row.denied), "{}: {}", row.name, row.denied.word());
        }
    }
}
