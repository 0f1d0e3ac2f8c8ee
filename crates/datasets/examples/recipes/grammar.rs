//! A small seeded grammar of recipe titles whose main ingredient is a fruit or a vegetable.
//!
//! Most titles are plain. Some name an ingredient of the other kind on the side, some a main ingredient that
//! cooks count to either kind, and some no ingredient at all: a bag of words is right about nearly all of
//! them, not all.

use std::collections::HashSet;

use assort_datasets::Column;
use assort_random::{Generator, Seed};

/// How many titles are written.
const TITLES: usize = 4000;
/// The share of titles labelled `fruit`.
const FRUIT: f64 = 0.48;
/// The shares of titles whose main ingredient could be either, and of titles without an ingredient.
const EITHER: f64 = 0.10;
const NOTHING: f64 = 0.07;
/// The shares of titles with something on the side, and of those in which it is of the other kind.
const SIDE: f64 = 0.50;
const DECOY: f64 = 0.42;

/// Singular and plural.
type Noun = (&'static str, &'static str);

const FRUITS: &[Noun] = &[
    ("apple", "apples"),
    ("pear", "pears"),
    ("strawberry", "strawberries"),
    ("raspberry", "raspberries"),
    ("blueberry", "blueberries"),
    ("blackberry", "blackberries"),
    ("cranberry", "cranberries"),
    ("gooseberry", "gooseberries"),
    ("blackcurrant", "blackcurrants"),
    ("cherry", "cherries"),
    ("peach", "peaches"),
    ("nectarine", "nectarines"),
    ("apricot", "apricots"),
    ("plum", "plums"),
    ("damson", "damsons"),
    ("fig", "figs"),
    ("date", "dates"),
    ("grape", "grapes"),
    ("orange", "oranges"),
    ("blood orange", "blood oranges"),
    ("lemon", "lemons"),
    ("lime", "limes"),
    ("grapefruit", "grapefruits"),
    ("mango", "mangoes"),
    ("papaya", "papayas"),
    ("pineapple", "pineapples"),
    ("banana", "bananas"),
    ("kiwi", "kiwis"),
    ("melon", "melons"),
    ("watermelon", "watermelons"),
    ("pomegranate", "pomegranates"),
    ("persimmon", "persimmons"),
    ("quince", "quinces"),
    ("passion fruit", "passion fruits"),
];

const VEGETABLES: &[Noun] = &[
    ("carrot", "carrots"),
    ("potato", "potatoes"),
    ("sweet potato", "sweet potatoes"),
    ("parsnip", "parsnips"),
    ("beetroot", "beetroots"),
    ("turnip", "turnips"),
    ("celeriac", "celeriac"),
    ("radish", "radishes"),
    ("leek", "leeks"),
    ("onion", "onions"),
    ("shallot", "shallots"),
    ("garlic", "garlic"),
    ("spinach", "spinach"),
    ("kale", "kale"),
    ("chard", "chard"),
    ("cabbage", "cabbage"),
    ("red cabbage", "red cabbage"),
    ("Brussels sprout", "Brussels sprouts"),
    ("cauliflower", "cauliflower"),
    ("broccoli", "broccoli"),
    ("asparagus", "asparagus"),
    ("artichoke", "artichokes"),
    ("fennel", "fennel"),
    ("celery", "celery"),
    ("pea", "peas"),
    ("green bean", "green beans"),
    ("broad bean", "broad beans"),
    ("mushroom", "mushrooms"),
    ("courgette", "courgettes"),
    ("aubergine", "aubergines"),
    ("endive", "endives"),
    ("rocket", "rocket"),
    ("lettuce", "lettuce"),
    ("kohlrabi", "kohlrabi"),
];

/// Ingredients of either kind, with the share of their titles that is labelled `fruit`.
const EITHERS: &[(Noun, f64)] = &[
    (("tomato", "tomatoes"), 0.22),
    (("rhubarb", "rhubarb"), 0.78),
    (("pumpkin", "pumpkins"), 0.30),
    (("avocado", "avocados"), 0.45),
    (("cucumber", "cucumbers"), 0.15),
    (("olive", "olives"), 0.40),
    (("plantain", "plantains"), 0.60),
    (("butternut squash", "butternut squash"), 0.18),
    (("sweetcorn", "sweetcorn"), 0.12),
    (("coconut", "coconuts"), 0.80),
];

const FRUIT_DISHES: &[&str] = &[
    "tart",
    "pie",
    "crumble",
    "cobbler",
    "jam",
    "marmalade",
    "compote",
    "sorbet",
    "ice cream",
    "trifle",
    "fool",
    "cheesecake",
    "muffins",
    "pancakes",
    "cake",
    "clafoutis",
    "galette",
    "turnovers",
    "smoothie",
    "lemonade",
    "jelly",
    "pudding",
    "strudel",
    "upside-down cake",
    "scones",
    "loaf",
    "granola bowl",
    "chutney",
    "salad",
    "sauce",
    "syrup",
    "crisp",
    "porridge",
    "bars",
];

const VEGETABLE_DISHES: &[&str] = &[
    "soup",
    "gratin",
    "stir-fry",
    "curry",
    "stew",
    "salad",
    "slaw",
    "tart",
    "quiche",
    "pie",
    "risotto",
    "lasagne",
    "fritters",
    "mash",
    "puree",
    "casserole",
    "dip",
    "bake",
    "frittata",
    "omelette",
    "dumplings",
    "pakoras",
    "noodles",
    "pilaf",
    "chutney",
    "pickle",
    "relish",
    "hash",
    "galette",
    "cake",
    "rosti",
    "tray bake",
    "bhaji",
    "burgers",
    "sauce",
    "muffins",
];

const FRUIT_MANNERS: &[&str] = &[
    "poached",
    "baked",
    "caramelised",
    "stewed",
    "spiced",
    "roasted",
    "grilled",
    "fresh",
    "frozen",
    "candied",
    "warm",
    "chilled",
    "sticky",
    "honeyed",
    "ripe",
    "tipsy",
];

const VEGETABLE_MANNERS: &[&str] = &[
    "roasted", "grilled", "steamed", "braised", "charred", "creamy", "spiced", "pickled", "glazed",
    "buttered", "crispy", "smoky", "stuffed", "warm", "fresh", "baked", "chilled", "shaved",
];

const MOODS: &[&str] = &[
    "easy",
    "quick",
    "classic",
    "rustic",
    "simple",
    "five-minute",
    "one-pot",
    "summer",
    "autumn",
    "winter",
    "spring",
    "Sunday",
    "weeknight",
    "old-fashioned",
    "vegan",
    "light",
    "golden",
    "homemade",
    "grandma's",
    "farmhouse",
    "Sicilian",
    "Provençal",
    "Moroccan",
    "Persian",
    "Swedish",
    "best ever",
];

const FRUIT_SIDES: &[&str] = &[
    "custard",
    "almonds",
    "vanilla",
    "cinnamon",
    "ginger",
    "whipped cream",
    "meringue",
    "dark chocolate",
    "mint",
    "yoghurt",
    "honey",
    "pistachios",
    "mascarpone",
    "oats",
    "walnuts",
    "cardamom",
    "rosemary",
    "feta",
    "hazelnuts",
];

const VEGETABLE_SIDES: &[&str] = &[
    "feta",
    "walnuts",
    "chickpeas",
    "thyme",
    "Parmesan",
    "cream",
    "lentils",
    "mint",
    "tahini",
    "brown butter",
    "mustard",
    "yoghurt",
    "ginger",
    "hazelnuts",
    "dill",
    "goat's cheese",
    "rosemary",
    "capers",
    "cumin",
    "sesame",
];

/// Dishes that a title without any ingredient names, with the share labelled `fruit`.
const ANY_DISHES: &[(&str, f64)] = &[
    ("tart", 0.70),
    ("pie", 0.65),
    ("salad", 0.30),
    ("galette", 0.60),
    ("soup", 0.12),
    ("cake", 0.80),
    ("chutney", 0.50),
    ("bake", 0.30),
    ("pickle", 0.15),
    ("smoothie", 0.75),
    ("fritters", 0.35),
    ("crumble", 0.88),
];

const PLACES: &[&str] = &[
    "from the garden",
    "for a crowd",
    "for two",
    "for beginners",
    "from the market",
    "the way mum makes it",
    "for a rainy day",
    "for the freezer",
    "in half an hour",
    "for the picnic basket",
    "from the corner café",
    "with whatever is ripe",
    "for the lunch box",
    "without fuss",
    "for a long table",
    "straight from the oven",
];

/// The titles and labels as columns.
pub fn columns() -> [Column; 2] {
    let (titles, labels) = titles().into_iter().map(|(title, label)| (title, label.to_owned())).unzip();
    [Column::strings("text", titles), Column::strings("label", labels)]
}

/// Distinct titles with their labels.
fn titles() -> Vec<(String, &'static str)> {
    let generator = &mut Seed::new(20).stream("recipes").generator();
    let mut seen = HashSet::new();
    let mut titles = Vec::with_capacity(TITLES);
    while titles.len() < TITLES {
        let (title, kind) = title(generator);
        if seen.insert(title.to_lowercase()) {
            titles.push((capitalized(&title), kind.label()));
        }
    }
    titles
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Fruit,
    Vegetable,
}

impl Kind {
    fn draw(fruit: f64, generator: &mut Generator) -> Self {
        if generator.uniform() < fruit { Self::Fruit } else { Self::Vegetable }
    }

    fn other(self) -> Self {
        match self {
            Self::Fruit => Self::Vegetable,
            Self::Vegetable => Self::Fruit,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Fruit => "fruit",
            Self::Vegetable => "vegetable",
        }
    }

    fn choose<T: Copy>(self, fruit: &[T], vegetable: &[T], generator: &mut Generator) -> T {
        match self {
            Self::Fruit => pick(fruit, generator),
            Self::Vegetable => pick(vegetable, generator),
        }
    }
}

fn title(generator: &mut Generator) -> (String, Kind) {
    let draw = generator.uniform();
    if draw < NOTHING {
        let (dish, fruit) = pick(ANY_DISHES, generator);
        let mood = pick(MOODS, generator);
        return (format!("{mood} {dish} {}", pick(PLACES, generator)), Kind::draw(fruit, generator));
    }
    let (main, kind) = if draw < NOTHING + EITHER {
        let (main, fruit) = pick(EITHERS, generator);
        (main, Kind::draw(fruit, generator))
    } else {
        let kind = Kind::draw(FRUIT, generator);
        (kind.choose(FRUITS, VEGETABLES, generator), kind)
    };
    let mut title = if generator.uniform() < 0.22 {
        // The ingredient is the dish: "Braised leeks".
        format!("{} {}", kind.choose(FRUIT_MANNERS, VEGETABLE_MANNERS, generator), main.1)
    } else {
        let dish = kind.choose(FRUIT_DISHES, VEGETABLE_DISHES, generator);
        match generator.below(3) {
            0 => format!("{} {} {dish}", kind.choose(FRUIT_MANNERS, VEGETABLE_MANNERS, generator), main.0),
            1 => format!("{} {} {dish}", pick(MOODS, generator), main.0),
            _ => format!("{} {dish}", main.0),
        }
    };
    if generator.uniform() < SIDE {
        let joint = pick(&["with", "with", "with", "and"], generator);
        title = format!("{title} {joint} {}", side(kind, main, generator));
    }
    if generator.uniform() < 0.08 {
        title = format!("{title} {}", pick(PLACES, generator));
    }
    (title, kind)
}

/// An ingredient beside the main one.
fn side(kind: Kind, main: Noun, generator: &mut Generator) -> &'static str {
    if generator.uniform() < DECOY {
        return kind.other().choose(FRUITS, VEGETABLES, generator).1;
    }
    if generator.uniform() < 0.45 {
        let own = kind.choose(FRUITS, VEGETABLES, generator).1;
        if own != main.1 {
            return own;
        }
    }
    kind.choose(FRUIT_SIDES, VEGETABLE_SIDES, generator)
}

fn pick<T: Copy>(values: &[T], generator: &mut Generator) -> T {
    values[generator.below(values.len() as u64) as usize]
}

fn capitalized(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
