//! What criteria make of samples.

#[cfg(test)]
mod adversary;
#[cfg(test)]
mod guide;
#[cfg(test)]
mod measure;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod support;
