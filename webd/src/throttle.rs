//! How often a wrong token may be tried: from one address, and from all together. Pure: the time is handed in.
//!
//! Each failure costs a share, and shares come back with time. The same wrong token again is no other guess: a page that was
//! left open goes on sending what does not count any more. Whoever has once got in from an address is not held up by
//! what others try from theirs. Memory is bounded: of addresses that nobody can be told apart by any more, the one that
//! matters least is forgotten.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

/// Failures of one address in a row, and how long until one more is allowed.
const OF_ONE: Limit = Limit { burst: 10, pause: Duration::from_secs(10) };

/// The same for all addresses from which nobody has got in yet.
const OF_ALL: Limit = Limit { burst: 100, pause: Duration::from_secs(1) };

/// Addresses that are remembered, of each kind.
const ADDRESSES_MAX: usize = 4_096;

#[derive(Debug, Clone, Copy)]
struct Limit {
    burst: u32,
    pause: Duration,
}

impl Limit {
    /// How long until the next one is allowed, when all shares are back at `full_at`.
    fn wait(self, full_at: Option<Instant>, now: Instant) -> Option<Duration> {
        let missing = full_at?.saturating_duration_since(now);
        let wait = missing.saturating_sub(self.pause * (self.burst - 1));
        (!wait.is_zero()).then_some(wait)
    }

    fn after_failure(self, full_at: Option<Instant>, now: Instant) -> Instant {
        full_at.map_or(now, |full_at| full_at.max(now)) + self.pause
    }
}

/// What was tried.
#[derive(Debug, Default)]
pub struct Throttle {
    /// When all shares of an address are back, and the last token that was tried from there.
    failed: HashMap<IpAddr, (Instant, blake3::Hash)>,
    /// When somebody got in from there last.
    let_in: HashMap<IpAddr, Instant>,
    all: Option<Instant>,
}

impl Throttle {
    /// Whether a token may be tried now.
    ///
    /// # Errors
    ///
    /// How long to wait.
    pub fn check(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let source = source(address);
        let of_all = if self.let_in.contains_key(&source) { None } else { OF_ALL.wait(self.all, now) };
        let wait = OF_ONE.wait(self.failed.get(&source).map(|(full_at, _)| *full_at), now).max(of_all);
        wait.map_or(Ok(()), Err)
    }

    /// A wrong one was tried.
    pub fn failed(&mut self, address: IpAddr, token: &str, now: Instant) {
        let (source, tried) = (source(address), blake3::hash(token.as_bytes()));
        let before = self.failed.get(&source).copied();
        if before.is_some_and(|(_, last)| last == tried) {
            return;
        }
        let full_at = OF_ONE.after_failure(before.map(|(full_at, _)| full_at), now);
        make_room(&mut self.failed, source, |(full_at, _)| *full_at);
        self.failed.insert(source, (full_at, tried));
        if !self.let_in.contains_key(&source) {
            // Not beyond what is refused anyway, so that it is over as soon as it stops.
            let most = now + OF_ALL.pause * OF_ALL.burst;
            self.all = Some(OF_ALL.after_failure(self.all, now).min(most));
        }
    }

    /// Somebody got in.
    pub fn let_in(&mut self, address: IpAddr, now: Instant) {
        let source = source(address);
        make_room(&mut self.let_in, source, |at| *at);
        self.let_in.insert(source, now);
    }
}

/// Drops the earliest one when there are too many: of failures that is the one that has waited longest, of those who were
/// let in the one who was away longest.
fn make_room<T>(kept: &mut HashMap<IpAddr, T>, new: IpAddr, at: impl Fn(&T) -> Instant) {
    if kept.len() < ADDRESSES_MAX || kept.contains_key(&new) {
        return;
    }
    if let Some(least) = kept.iter().min_by_key(|(_, one)| at(one)).map(|(address, _)| *address) {
        kept.remove(&least);
    }
}

/// Whom an address stands for: of IPv6, where one subscriber has a whole network, that.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(last: u32) -> IpAddr {
        IpAddr::from(last.to_be_bytes())
    }

    #[test]
    fn one_address_is_held_up_and_let_go_with_time() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        let (bad, good) = (v4(1), v4(2));
        for number in 0..OF_ONE.burst {
            assert_eq!(throttle.check(bad, now), Ok(()));
            (0..3).for_each(|_| throttle.failed(bad, &format!("guess {number}"), now));
        }
        assert_eq!((throttle.check(bad, now), throttle.check(good, now)), (Err(OF_ONE.pause), Ok(())));
        let later = now + OF_ONE.pause;
        assert_eq!(throttle.check(bad, later), Ok(()));
        throttle.failed(bad, "another guess", later);
        assert!(throttle.check(bad, later).is_err());
        assert_eq!(throttle.check(bad, later + OF_ONE.pause * OF_ONE.burst), Ok(()));
    }

    #[test]
    fn many_addresses_are_held_up_together_but_whoever_was_let_in_is_not() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        let (own, new) = (v4(1), v4(2));
        throttle.let_in(own, now);
        (0..1_000).for_each(|number| throttle.failed(v4(100 + number), "guess", now));
        assert_eq!(throttle.check(own, now), Ok(()));
        let wait = throttle.check(new, now).unwrap_err();
        assert!(wait <= OF_ALL.pause, "it is over as soon as it stops: {wait:?}");
        assert_eq!(throttle.check(new, now + wait), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_a_network_is_one_address() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        let flooder = v4(7);
        (0..OF_ONE.burst + 3).for_each(|number| throttle.failed(flooder, &number.to_string(), now));
        for number in 0..ADDRESSES_MAX as u32 * 2 {
            throttle.failed(v4(1_000 + number), "guess", now);
            throttle.let_in(v4(1_000 + number), now);
        }
        assert_eq!((throttle.failed.len(), throttle.let_in.len()), (ADDRESSES_MAX, ADDRESSES_MAX));
        assert!(throttle.check(flooder, now).is_err(), "the worst is not forgotten");
        let (one, other, mapped) = ("2001:db8::1", "2001:db8::ffff:2", "::ffff:0.0.0.7");
        let [one, other, mapped] = [one, other, mapped].map(|text| source(text.parse().unwrap()));
        assert_eq!((one, mapped), (other, flooder));
    }
}
