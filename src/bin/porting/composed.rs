//! What an expression is that is made of others: a list of sockets, one part of a tuple, a sum of texts.

use crate::facts::{self, Facts, Meaning};
use crate::page::{CLIENTS, DATA, DICTIONARY, ITEMS, NUMBER, Page, READY, SET, SOCKET, TEXT};
use crate::syntax::{Container, Expression, Form};

/// Puts together what is known of the expressions inside.
pub struct Composer<'a> {
    pub page: &'a Page,
    pub facts: &'a Facts,
}

impl Composer<'_> {
    pub fn collection(&self, container: Container, items: &[Expression]) -> Meaning {
        let mut meaning = match container {
            Container::Tuple => Meaning::default(),
            Container::List => self.page.meaning(ITEMS),
            Container::Set => self.page.meaning(SET),
            Container::Dictionary => self.page.meaning(DICTIONARY),
        };
        for (place, item) in items.iter().enumerate() {
            let item_meaning = self.meaning(item);
            let is_comprehension = matches!(item.form, Form::Other { word: "for", .. });
            let values = if is_comprehension { &item_meaning.items } else { &item_meaning.values };
            // Keys and values stand in turn.
            let is_key = container == Container::Dictionary && place % 2 == 0 && !is_comprehension;
            facts::add(if is_key { &mut meaning.keys } else { &mut meaning.items }, values);
            if container == Container::Tuple {
                meaning.parts.push(values.clone());
            }
        }
        meaning
    }

    pub fn index(&self, of: &Expression, places: &[Expression]) -> Meaning {
        let meaning = self.meaning(of);
        let place = match places.first().map(|place| &place.form) {
            Some(Form::Slice(_)) => return meaning.clone(),
            Some(Form::Number(number)) => number.parse::<usize>().ok(),
            _ => None,
        };
        match place.and_then(|place| meaning.parts.get(place)) {
            Some(part) => Meaning::of_values(part),
            // Of a list or dictionary of this and that nothing is known.
            None if !facts::have_common_object(&meaning.items) => Meaning::default(),
            None => Meaning::of_values(&meaning.items),
        }
    }

    pub fn operation(&self, operators: &[String], operands: &[Expression]) -> Meaning {
        let mut meaning = Meaning::default();
        if operands.iter().all(|operand| self.page.is_object(self.meaning(operand), NUMBER)) {
            return self.page.meaning(NUMBER); // whatever is reckoned
        }
        let gives_operand = |operator: &String| ["+", "%", "*", "or", "and"].contains(&&**operator);
        if !operators.iter().all(gives_operand) {
            return meaning;
        }
        // Behind `%` stand the values of a text's fields.
        let is_format = operators.iter().any(|operator| operator == "%");
        for operand in operands.iter().take(if is_format { 1 } else { operands.len() }) {
            meaning.merge(self.meaning(operand));
        }
        for name in [TEXT, DATA] {
            // `b' ' * n` is bytes.
            if self.page.is_object(&meaning, name) {
                meaning.values = self.page.meaning(name).values;
            }
        }
        meaning
    }

    pub fn other(&self, word: &str, operands: &[Expression]) -> Meaning {
        let mut meaning = Meaning::default();
        match (word, operands) {
            ("await" | ":=", [.., last]) => meaning.merge(self.meaning(last)),
            ("if", [one, _, other]) => {
                meaning.merge(self.meaning(one));
                meaning.merge(self.meaning(other));
            }
            ("for", [item, ..]) => facts::add(&mut meaning.items, &self.meaning(item).values),
            _ => {}
        }
        meaning
    }

    /// What a method takes out of a list or dictionary.
    pub fn taken_out(&self, method: &Expression) -> Meaning {
        let Form::Attribute { of: container, name } = &method.form else { return Meaning::default() };
        let meaning = self.meaning(container);
        match &**name {
            "pop" | "popleft" | "get" | "setdefault" => Meaning::of_values(&meaning.items),
            "copy" => meaning.clone(),
            "values" => Meaning { items: meaning.items.clone(), ..Meaning::default() },
            "keys" => Meaning { items: meaning.keys.clone(), ..Meaning::default() },
            "items" => Meaning { parts: vec![meaning.keys.clone(), meaning.items.clone()], ..Meaning::default() },
            _ => Meaning::default(),
        }
    }

    /// What is gone through one by one in a `for`.
    pub fn item_of(&self, items: &Expression) -> Meaning {
        let meaning = self.meaning(items);
        let is_list = self.page.is_object(meaning, ITEMS);
        let values = if meaning.keys.is_empty() || is_list { &meaning.items } else { &meaning.keys };
        let has_sockets = [CLIENTS, READY].iter().any(|name| self.page.is_object(meaning, name));
        if values.is_empty() && has_sockets {
            return self.page.meaning(SOCKET);
        }
        Meaning { parts: meaning.parts.clone(), ..Meaning::of_values(values) }
    }

    fn meaning(&self, expression: &Expression) -> &Meaning {
        &self.facts.of(expression).meaning
    }
}
