//! The whole program against a world that is stated: a simulated PyPI, real mail and HTTP transports, the real daemon
//! in this process.
//!
//! Every test states the world, acts on it, looks at what owners were told, and ends with `finish`, which proves that
//! nothing is left over.

/// The harness: the world, acts in it, and what came of them.
mod world;

/// Every registration is told once, whatever feed has it first.
mod order;
