//! Finds many texts in one pass (Aho and Corasick, 1975).

use super::units::{Unit, Units};
use secrecy::zeroize::Zeroize;
use std::collections::VecDeque;

/// The longest short text in characters: it is hidden only where it is a whole word.
const SHORT: usize = 3;

/// The texts to find, as a tree of their bytes.
pub(super) struct Texts {
    nodes: Vec<Node>,
    /// The children of the root by byte, zero if there is no child.
    first: [u32; 256],
}

/// The beginning of one or more texts.
#[derive(Default)]
struct Node {
    byte: u8,
    child: u32,
    sibling: u32,
    /// The longest other beginning of a text that this one ends with.
    fallback: u32,
    /// The length in bytes.
    depth: usize,
    /// The length of the longest text that ends here, without short ones.
    ends: usize,
    /// The lengths of the short texts that end here, as bits.
    short_ends: u16,
}

impl Texts {
    pub(super) fn new<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut new = Self { nodes: vec![Node::default()], first: [0; 256] };
        texts.for_each(|text| new.add(text));
        new.link();
        new
    }

    fn add(&mut self, text: &str) {
        let is_short = text.chars().count() <= SHORT;
        self.add_units(Units::new(text, 0), is_short);
        self.add_units(Units::new(text, 0).flat_map(|unit| unit.literal()), is_short);
    }

    fn add_units(&mut self, units: impl Iterator<Item = Unit>, is_short: bool) {
        let node = units.map(|unit| unit.compared()).fold(0, |node, byte| match self.child(node, byte) {
            0 => self.grow(node, byte),
            child => child,
        });
        let end = &mut self.nodes[node as usize];
        if is_short {
            end.short_ends |= 1 << end.depth;
        } else {
            end.ends = end.depth;
        }
    }

    fn grow(&mut self, parent: u32, byte: u8) -> u32 {
        let new = self.nodes.len() as u32;
        let Node { child, depth, .. } = self.nodes[parent as usize];
        self.nodes.push(Node { byte, sibling: child, depth: depth + 1, ..Node::default() });
        self.nodes[parent as usize].child = new;
        if parent == 0 {
            self.first[usize::from(byte)] = new;
        }
        new
    }

    /// Sets the fallbacks, the short beginnings first.
    fn link(&mut self) {
        let mut queue = vec![0];
        let mut next = 0;
        while let Some(&parent) = queue.get(next) {
            next += 1;
            let mut node = self.nodes[parent as usize].child;
            while node != 0 {
                let byte = self.nodes[node as usize].byte;
                let fallback = if parent == 0 { 0 } else { self.step(self.nodes[parent as usize].fallback, byte) };
                let Node { ends, short_ends, .. } = self.nodes[fallback as usize];
                let it = &mut self.nodes[node as usize];
                it.fallback = fallback;
                it.ends = it.ends.max(ends);
                it.short_ends |= short_ends;
                queue.push(node);
                node = it.sibling;
            }
        }
    }

    fn child(&self, node: u32, byte: u8) -> u32 {
        if node == 0 {
            return self.first[usize::from(byte)];
        }
        let mut child = self.nodes[node as usize].child;
        while child != 0 && self.nodes[child as usize].byte != byte {
            child = self.nodes[child as usize].sibling;
        }
        child
    }

    /// Returns the node of the longest beginning of a text after one more byte. The first node is 0.
    fn step(&self, mut node: u32, byte: u8) -> u32 {
        loop {
            match self.child(node, byte) {
                0 if node == 0 => return 0,
                0 => node = self.nodes[node as usize].fallback,
                child => return child,
            }
        }
    }
}

impl Drop for Texts {
    fn drop(&mut self) {
        self.nodes.iter_mut().for_each(|node| node.byte.zeroize());
    }
}

/// A reading of a text, compared with the texts to find.
#[derive(Default)]
pub(super) struct Reading {
    /// The longest beginning of a text that ends here.
    node: u32,
    /// The last units: those of this beginning, and one before them.
    recent: VecDeque<Unit>,
}

impl Reading {
    pub(super) fn read(&mut self, unit: Unit, texts: &Texts) {
        self.node = texts.step(self.node, unit.compared());
        self.recent.push_back(unit);
        while self.recent.len() > texts.nodes[self.node as usize].depth + 1 {
            self.recent.pop_front();
        }
    }

    fn start(&self, length: usize) -> Option<usize> {
        Some(self.recent.get(self.recent.len().checked_sub(length)?)?.place.start)
    }

    /// Returns where the longest text that ends here starts, and whether it is a short one. `after` is the byte that
    /// follows.
    pub(super) fn found(&self, texts: &Texts, after: impl FnOnce() -> Option<u8>) -> Option<(usize, bool)> {
        let Node { ends, short_ends, .. } = texts.nodes[self.node as usize];
        if ends > 0 {
            return Some((self.start(ends)?, false));
        }
        if short_ends == 0 {
            return None;
        }
        let last = self.recent.back().map(|unit| unit.byte);
        if joins(last, after()) {
            return None;
        }
        let is_word = |length: &usize| {
            let first = self.recent.len() - length;
            let before = first.checked_sub(1).map(|before| self.recent[before].byte);
            !joins(before, Some(self.recent[first].byte))
        };
        let lengths = (1..u16::BITS as usize).filter(|length| short_ends & (1 << length) != 0);
        lengths.rev().find(is_word).and_then(|length| Some((self.start(length)?, true)))
    }

    /// Returns where the longest beginning of a text that ends here starts.
    pub(super) fn beginning(&self, texts: &Texts) -> Option<usize> {
        match texts.nodes[self.node as usize].depth {
            0 => None,
            depth => self.start(depth),
        }
    }

    /// Returns the same if the beginning is too long to be shown.
    pub(super) fn long_beginning(&self, texts: &Texts) -> Option<usize> {
        let beginning = self.recent.iter().rev().take(texts.nodes[self.node as usize].depth);
        let characters = beginning.filter(|unit| begins_character(unit.byte)).count();
        self.beginning(texts).filter(|_| characters > SHORT)
    }
}

/// Returns whether two bytes belong to one word.
fn joins(before: Option<u8>, after: Option<u8>) -> bool {
    let in_word =
        |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80);
    in_word(before) && in_word(after)
}

/// Returns whether a byte of UTF-8 is the first of its character.
fn begins_character(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}
