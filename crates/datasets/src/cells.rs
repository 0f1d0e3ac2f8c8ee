//! Values as people write them.

use polars_arrow::array::{
    Array, BinaryViewArray, FixedSizeListArray, ListArray, PrimitiveArray, StructArray, Utf8ViewArray,
    get_display,
};
use polars_arrow::datatypes::{ArrowDataType, PhysicalType};
use serde_json::Value;

/// A real number.
pub(crate) fn real(value: f64) -> String {
    Value::from(value).to_string()
}

/// A value of JSON: a string without its marks, all else as it stands, null as missing.
pub(crate) fn of_json(json: &str) -> Option<String> {
    match json.as_bytes().first() {
        Some(b'"') => Some(serde_json::from_str(json).unwrap_or_else(|_| json.to_owned())),
        Some(b'n') | None => None,
        _ => Some(json.to_owned()),
    }
}

/// The values of an array, lists and records as JSON; a value that cannot be written is missing.
pub(crate) fn of_array(array: &dyn Array) -> Vec<Option<String>> {
    if is_nested(array) {
        let words = |row| (!array.is_null(row)).then(|| json(array, row));
        return (0..array.len()).map(words).collect();
    }
    match strings(array) {
        Ok(words) => words.iter().map(|word| word.map(str::to_owned)).collect(),
        Err(_) => vec![None; array.len()],
    }
}

/// Whether each value holds several.
fn is_nested(array: &dyn Array) -> bool {
    is_nested_type(array.dtype())
}

/// Whether each value of a type holds several.
pub(crate) fn is_nested_type(dtype: &ArrowDataType) -> bool {
    use PhysicalType::{FixedSizeList, LargeList, List, Map, Struct};
    matches!(dtype.to_physical_type(), List | LargeList | FixedSizeList | Map | Struct)
}

/// Whether the values are written in JSON without marks.
pub(crate) fn are_literals(array: &dyn Array) -> bool {
    // Times are kept as numbers and written as words.
    is_nested(array) || array.dtype() == &ArrowDataType::Boolean || array.dtype().is_numeric()
}

fn json(array: &dyn Array, row: usize) -> String {
    if array.is_null(row) {
        return "null".into();
    }
    let list = |values: Box<dyn Array>| {
        let members: Vec<String> = (0..values.len()).map(|member| json(values.as_ref(), member)).collect();
        format!("[{}]", members.join(","))
    };
    let any = array.as_any();
    if let Some(lists) = any.downcast_ref::<ListArray<i64>>() {
        return list(lists.value(row));
    }
    if let Some(lists) = any.downcast_ref::<ListArray<i32>>() {
        return list(lists.value(row));
    }
    if let Some(lists) = any.downcast_ref::<FixedSizeListArray>() {
        return list(lists.value(row));
    }
    if let Some(records) = any.downcast_ref::<StructArray>() {
        let members = records.values().iter().zip(records.fields());
        let members: Vec<String> = members
            .map(|(values, field)| {
                format!("{}:{}", Value::from(field.name.as_str()), json(values.as_ref(), row))
            })
            .collect();
        return format!("{{{}}}", members.join(","));
    }
    let one = array.sliced(row, 1);
    match of_array(one.as_ref()).pop().flatten() {
        None => "null".into(),
        Some(word) if are_literals(array) => word,
        Some(word) => Value::from(word).to_string(),
    }
}

/// The values of an array as people write them: whole numbers without a point, and no NaN, which is a missing
/// value.
pub(crate) fn strings(array: &dyn Array) -> Result<Utf8ViewArray, String> {
    if let Some(texts) = array.as_any().downcast_ref::<Utf8ViewArray>() {
        return Ok(texts.clone());
    }
    if let Some(bytes) = array.as_any().downcast_ref::<BinaryViewArray>() {
        let wrong = bytes.iter().flatten().find(|bytes| std::str::from_utf8(bytes).is_err());
        return match wrong {
            Some(bytes) => {
                let start = bytes.get(..60).unwrap_or(bytes);
                Err(format!("'{}' is not UTF-8: write it as text", start.escape_ascii()))
            }
            None => bytes.to_utf8view().map_err(|error| error.to_string()),
        };
    }
    if let (ArrowDataType::Decimal(_, scale), Some(values)) = (array.dtype(), array.as_any().downcast_ref()) {
        let values: &PrimitiveArray<i128> = values;
        let texts = values.iter().map(|value| value.map(|value| decimal(*value, *scale)));
        return Ok(Utf8ViewArray::from_slice(texts.collect::<Vec<_>>()));
    }
    let display = get_display(array, "");
    let texts = (0..array.len()).map(|index| {
        let mut text = String::new();
        display(&mut text, index).map_err(|_| "a value cannot be written".to_owned())?;
        Ok((!array.is_null(index) && text != "NaN").then_some(text))
    });
    Ok(Utf8ViewArray::from_slice(texts.collect::<Result<Vec<_>, String>>()?))
}

/// A decimal number of so many digits behind the point; the display of polars' arrays loses signs and zeros.
fn decimal(value: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let (sign, point) = (if value < 0 { "-" } else { "" }, if scale > 0 { "." } else { "" });
    format!("{sign}{whole}{point}{fraction}")
}
