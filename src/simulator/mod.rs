//! The Duvo API in memory, over real HTTP on loopback.
