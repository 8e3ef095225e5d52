//! Reading a path.
use super::super::super::json::{Value, parse};
use super::expression::{Expression, Operator};
use super::{JsonPath, Selector, Step, functions};

/// Levels of parentheses, negations and filters in a filter.
const MAX_LEVELS: usize = 32;

impl JsonPath {
    /// Reads a path; `None` if it does not parse.
    pub(in super::super) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text, levels: 0 };
        reader.skip();
        reader.take("$").or_else(|| reader.take("@"))?;
        let steps = reader.steps()?;
        reader.rest.is_empty().then_some(Self(steps))
    }
}

struct Reader<'a> {
    rest: &'a str,
    levels: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, token: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(token)?;
        Some(())
    }

    /// The same after white space.
    fn next(&mut self, token: &str) -> Option<()> {
        self.skip();
        self.take(token)
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    /// Takes the characters that fit.
    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Takes letters, digits, underscores, and whatever is not ASCII.
    fn word(&mut self) -> &'a str {
        self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii())
    }

    fn steps(&mut self) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        loop {
            self.skip();
            let descends = self.take("..").is_some();
            let dot = descends || self.take(".").is_some();
            if dot {
                self.skip();
            }
            let selectors = if (descends || !dot) && self.take("[").is_some() {
                self.selectors()?
            } else if dot && self.take("*").is_some() {
                vec![Selector::All]
            } else if dot && self.rest.starts_with(['\'', '"']) {
                vec![Selector::Name(self.string()?)]
            } else if descends && self.rest.is_empty() {
                vec![Selector::Itself]
            } else if dot {
                let name = self.word();
                if name.is_empty() {
                    return None;
                }
                vec![Selector::Name(name.to_owned())]
            } else {
                return Some(steps);
            };
            steps.push(Step { descends, selectors });
        }
    }

    /// What is between brackets.
    fn selectors(&mut self) -> Option<Vec<Selector>> {
        let mut selectors = vec![self.selector()?];
        while self.next(",").is_some() {
            selectors.push(self.selector()?);
        }
        self.next("]")?;
        Some(selectors)
    }

    fn selector(&mut self) -> Option<Selector> {
        self.skip();
        if self.take("*").is_some() {
            return Some(Selector::All);
        }
        if self.take("?").is_some() {
            return Some(Selector::Filter(self.deeper(Self::expression)?));
        }
        if self.rest.starts_with(['\'', '"']) {
            return Some(Selector::Name(self.string()?));
        }
        let start = self.integer()?;
        if self.next(":").is_none() {
            return Some(Selector::Index(start?));
        }
        let stop = self.integer()?;
        let step = if self.next(":").is_some() { self.integer()?.unwrap_or(1) } else { 1 };
        (step != 0).then_some(Selector::Slice { start, stop, step })
    }

    /// An integer, if there is one; `None` if it is malformed.
    fn integer(&mut self) -> Option<Option<i64>> {
        let digits = self.take_while(|c| c.is_ascii_digit() || c == '-');
        if digits.is_empty() { Some(None) } else { digits.parse().ok().map(Some) }
    }

    /// A string in quotes of either kind.
    fn string(&mut self) -> Option<String> {
        let mut chars = self.rest.chars();
        let quote = chars.next()?;
        let mut text = String::new();
        loop {
            match chars.next()? {
                '\\' => {
                    self.rest = chars.as_str();
                    text.push(self.escaped()?);
                    chars = self.rest.chars();
                }
                c if c == quote => {
                    self.rest = chars.as_str();
                    return Some(text);
                }
                c => text.push(c),
            }
        }
    }

    /// The character that an escape behind its backslash stands for.
    fn escaped(&mut self) -> Option<char> {
        let escape = self.rest.chars().next()?;
        self.take(escape.encode_utf8(&mut [0; 4]))?;
        match escape {
            '"' | '\'' | '\\' | '/' => Some(escape),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'u' => match self.hex4()? {
                high @ 0xd800..=0xdbff => {
                    self.take("\\u")?;
                    char::from_u32(0x1_0000 + ((high & 0x3ff) << 10) + (self.hex4()? & 0x3ff))
                }
                code => char::from_u32(code),
            },
            _ => None,
        }
    }

    fn hex4(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        digits.chars().try_fold(0, |code, digit| Some(code * 16 + digit.to_digit(16)?))
    }

    /// Reads what may hold itself, unless that is too deep.
    fn deeper(&mut self, read: fn(&mut Self) -> Option<Expression>) -> Option<Expression> {
        self.levels += 1;
        let expression = if self.levels > MAX_LEVELS { None } else { read(self) };
        self.levels -= 1;
        expression
    }

    fn expression(&mut self) -> Option<Expression> {
        self.binary(&PRECEDENCE)
    }

    /// Operators of one precedence, and those that bind more closely.
    fn binary(&mut self, precedence: &[&[(&str, Operator)]]) -> Option<Expression> {
        let Some((operators, closer)) = precedence.split_first() else { return self.operand() };
        let mut left = self.binary(closer)?;
        loop {
            self.skip();
            let Some(operator) = operators.iter().find_map(|(token, operator)| self.take(token).map(|()| *operator))
            else {
                return Some(left);
            };
            left = Expression::Binary(Box::new(left), operator, Box::new(self.binary(closer)?));
        }
    }

    fn operand(&mut self) -> Option<Expression> {
        self.skip();
        if self.take("!").is_some() {
            return self.deeper(Self::operand).map(|operand| Expression::Not(Box::new(operand)));
        }
        if self.take("-").is_some() {
            return self.deeper(Self::operand).map(|operand| Expression::Minus(Box::new(operand)));
        }
        if self.take("(").is_some() {
            let inner = self.deeper(Self::expression)?;
            self.next(")")?;
            return Some(inner);
        }
        if self.take("@").is_some() {
            return self.steps().map(Expression::Here);
        }
        if self.take("$").is_some() {
            return self.steps().map(Expression::Root);
        }
        if self.rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return self.word_or_call();
        }
        self.literal().map(Expression::Literal)
    }

    fn word_or_call(&mut self) -> Option<Expression> {
        let word = self.word();
        if self.take("(").is_none() {
            return parse(word).map(Expression::Literal);
        }
        let mut arguments = vec![self.deeper(Self::expression)?];
        while self.next(",").is_some() {
            arguments.push(self.deeper(Self::expression)?);
        }
        self.next(")")?;
        Some(Expression::Call(functions::find(word, arguments.len())?, arguments))
    }

    fn literal(&mut self) -> Option<Value> {
        match self.rest.chars().next()? {
            '\'' | '"' => self.string().map(Value::String),
            '0'..='9' => parse(self.take_while(|c| c.is_ascii_digit() || matches!(c, '-' | 'e' | 'E' | '.'))),
            '[' | '{' => {
                let ends = self.rest.match_indices([']', '}']).map(|(end, _)| self.rest.split_at(end + 1));
                let (literal, rest) = ends.into_iter().find_map(|(text, rest)| Some((parse(text)?, rest)))?;
                self.rest = rest;
                Some(literal)
            }
            _ => None,
        }
    }
}

/// The operators; those of a line bind more closely than those of the lines before. Of two that begin alike the longer one
/// is first.
const PRECEDENCE: [&[(&str, Operator)]; 6] = [
    &[("||", Operator::Or)],
    &[("&&", Operator::And)],
    &[("==", Operator::Equal), ("!=", Operator::Unequal)],
    &[("<=", Operator::LessOrEqual), (">=", Operator::GreaterOrEqual), ("<", Operator::Less), (">", Operator::Greater)],
    &[("+", Operator::Plus), ("-", Operator::Minus)],
    &[("*", Operator::Times), ("/", Operator::DividedBy), ("%", Operator::Modulo)],
];
