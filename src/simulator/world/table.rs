//! Rows by id that keep the order in which they came, so that every list has a stable order.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Something that has an id.
pub(crate) trait Row {
    /// Returns the id.
    fn id(&self) -> Uuid;
}

/// Rows in the order of their coming, found by id.
#[derive(Clone, Debug)]
pub(crate) struct Table<T> {
    /// Boxed, for the nodes of the tree are half empty, and some rows are large.
    rows: BTreeMap<u64, Box<T>>,
    places: HashMap<Uuid, u64>,
    next: u64,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            places: HashMap::new(),
            next: 0,
        }
    }
}

impl<T: Row> Table<T> {
    /// Adds a row at the end; one with the same id is replaced in its place.
    pub(crate) fn add(&mut self, row: T) {
        let place = *self.places.entry(row.id()).or_insert_with(|| {
            self.next += 1;
            self.next
        });
        self.rows.insert(place, Box::new(row));
    }

    /// Returns the row of an id.
    pub(crate) fn get(&self, id: Uuid) -> Option<&T> {
        self.rows.get(self.places.get(&id)?).map(Box::as_ref)
    }

    /// Returns the row of an id, to change it.
    pub(crate) fn get_mut(&mut self, id: Uuid) -> Option<&mut T> {
        let row = self.rows.get_mut(self.places.get(&id)?);
        row.map(Box::as_mut)
    }

    /// Takes a row out.
    pub(crate) fn remove(&mut self, id: Uuid) -> Option<T> {
        let row = self.rows.remove(&self.places.remove(&id)?);
        row.map(|row| *row)
    }

    /// Returns the rows, oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values().map(Box::as_ref)
    }

    /// Returns the rows, oldest first, to change them.
    pub(crate) fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut T> {
        self.rows.values_mut().map(Box::as_mut)
    }

    /// Returns the ids of the rows that fit, oldest first.
    pub(crate) fn ids(&self, fits: impl Fn(&T) -> bool) -> Vec<Uuid> {
        self.iter().filter(|row| fits(row)).map(Row::id).collect()
    }

    /// Keeps only the rows that fit; returns the ids of the others.
    pub(crate) fn retain(&mut self, fits: impl Fn(&T) -> bool) -> Vec<Uuid> {
        let doomed = self.ids(|row| !fits(row));
        for id in &doomed {
            self.remove(*id);
        }
        doomed
    }

    /// Returns the number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }
}

impl<T: Serialize> Serialize for Table<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.rows.values())
    }
}

impl<'de, T: Row + Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut table = Self::default();
        for row in Vec::<T>::deserialize(from)? {
            table.add(row);
        }
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Thing(Uuid, u8);

    impl Row for Thing {
        fn id(&self) -> Uuid {
            self.0
        }
    }

    #[test]
    fn keeps_order_over_removals_replacements_and_json() {
        let ids: Vec<_> = (1..=4).map(Uuid::from_u128).collect();
        let mut table = Table::default();
        for (id, number) in ids.iter().zip(1..) {
            table.add(Thing(*id, number));
        }
        table.remove(ids[1]);
        table.add(Thing(ids[2], 9));
        table.add(Thing(ids[1], 5));
        let text = serde_json::to_string(&table).unwrap();
        let again: Table<Thing> = serde_json::from_str(&text).unwrap();
        let numbers: Vec<_> = again.iter().map(|thing| thing.1).collect();
        assert_eq!(numbers, [1, 9, 4, 5]);
        assert_eq!(again.get(ids[1]).map(|thing| thing.1), Some(5));
    }
}
