//! What a holder promises, with real processes in throwaway homes: one file per promise.

mod children;
mod end;
mod exec;
mod inherited;
mod keyboard;
mod output;
mod protocol;
mod silence;
mod start;
mod survival;
mod world;
