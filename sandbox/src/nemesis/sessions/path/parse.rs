//! Reading a path.
use super::super::super::json::{Value, parse};
use super::filter::{Expression, Operand, Operator};
use super::{JsonPath, Selector, Step};

/// Levels of parentheses and filters in a filter.
const MAX_LEVELS: usize = 32;

impl JsonPath {
    /// Reads a path; `None` if it does not parse.
    pub(in super::super) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text.trim(), levels: 0 };
        reader.take("$")?;
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
        self.rest = self.rest.trim_start();
    }

    /// Takes the characters that fit.
    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn steps(&mut self) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        loop {
            let descends = self.take("..").is_some();
            let dot = descends || self.take(".").is_some();
            let selectors = if self.take("[").is_some() && (descends || !dot) {
                self.selectors()?
            } else if dot && self.take("*").is_some() {
                vec![Selector::All]
            } else if dot {
                let name = self.take_while(|c| c.is_alphanumeric() || c == '_' || c == '-');
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
            return Some(Selector::Filter(self.any()?));
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
        self.skip();
        let digits = self.take_while(|c| c.is_ascii_digit() || c == '-');
        if digits.is_empty() { Some(None) } else { digits.parse().ok().map(Some) }
    }

    /// A string in quotes of either kind.
    fn string(&mut self) -> Option<String> {
        let mut chars = self.rest.char_indices();
        let (_, quote) = chars.next()?;
        let mut text = String::new();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => text.push(chars.next()?.1),
                _ if c == quote => {
                    self.rest = &self.rest[at + c.len_utf8()..];
                    return Some(text);
                }
                _ => text.push(c),
            }
        }
        None
    }

    fn any(&mut self) -> Option<Expression> {
        self.levels += 1;
        if self.levels > MAX_LEVELS {
            return None;
        }
        let mut any = vec![self.all()?];
        while self.next("||").is_some() {
            any.push(self.all()?);
        }
        self.levels -= 1;
        Some(if any.len() == 1 { any.remove(0) } else { Expression::Or(any) })
    }

    fn all(&mut self) -> Option<Expression> {
        let mut all = vec![self.condition()?];
        while self.next("&&").is_some() {
            all.push(self.condition()?);
        }
        Some(if all.len() == 1 { all.remove(0) } else { Expression::And(all) })
    }

    fn condition(&mut self) -> Option<Expression> {
        self.skip();
        if self.take("!").is_some() {
            self.levels += 1;
            let condition = if self.levels > MAX_LEVELS { None } else { self.condition() };
            self.levels -= 1;
            return Some(Expression::Not(Box::new(condition?)));
        }
        if self.take("(").is_some() {
            let inner = self.any()?;
            self.next(")")?;
            return Some(inner);
        }
        let left = self.operand()?;
        let Some(operator) = self.operator() else { return Some(Expression::Is(left)) };
        Some(Expression::Compare(left, operator, self.operand()?))
    }

    fn operator(&mut self) -> Option<Operator> {
        self.skip();
        let operators = [
            ("==", Operator::Equal),
            ("!=", Operator::Unequal),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        operators.into_iter().find_map(|(token, operator)| self.take(token).map(|()| operator))
    }

    fn operand(&mut self) -> Option<Operand> {
        self.skip();
        if self.take("@").is_some() {
            return self.steps().map(Operand::Here);
        }
        if self.take("$").is_some() {
            return self.steps().map(Operand::Root);
        }
        if self.rest.starts_with(['\'', '"']) {
            return self.string().map(|text| Operand::Literal(Value::String(text)));
        }
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'));
        parse(word).map(Operand::Literal)
    }
}
