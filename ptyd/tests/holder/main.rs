//! What a holder promises, with real processes in throwaway homes: one file per promise.

mod children;
mod end;
mod keyboard;
mod output;
mod protocol;
mod start;
mod survival;
mod world;
