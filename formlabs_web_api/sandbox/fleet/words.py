"""Names for generated fleets: animals, jobs, people. All are invented."""

from __future__ import annotations

from typing import Tuple

ADJECTIVES: Tuple[str, ...] = (
    "Amber", "Bold", "Brisk", "Candid", "Cheerful", "Clever", "Cosmic", "Curious", "Daring",
    "Dapper", "Eager", "Fabled", "Gentle", "Gleaming", "Humble", "Jolly", "Kindly", "Lively",
    "Lucid", "Merry", "Mighty", "Modest", "Nimble", "Patient", "Plucky", "Polite", "Proud",
    "Quaint", "Radiant", "Robust", "Serene", "Silver", "Sly", "Snug", "Spirited", "Steady",
    "Sunny", "Tidy", "Velvet", "Witty",
)  # fmt: skip
ANIMALS: Tuple[str, ...] = (
    "Alpaca", "Axolotl", "Beaver", "Bison", "Capybara", "Caribou", "Cicada", "Corgi", "Dolphin",
    "Dormouse", "Egret", "Falcon", "Ferret", "Gecko", "Gibbon", "Hedgehog", "Ibis", "Jackdaw",
    "Kestrel", "Kiwi", "Lemur", "Magpie", "Manatee", "Marmot", "Meerkat", "Narwhal", "Newt",
    "Ocelot", "Okapi", "Otter", "Pelican", "Penguin", "Puffin", "Quokka", "Raven", "Salmon",
    "Starling", "Tapir", "Walrus", "Wombat",
)  # fmt: skip
JOBS: Tuple[str, ...] = (
    "bracket_v7", "cable guide", "camera mount", "drone_arm_left", "duct adapter 40mm",
    "enclosure lid", "gear train", "gripper finger", "hinge test", "impeller r3", "jig A-12",
    "keycap set", "lens hood", "light pipe", "living hinge", "manifold", "nozzle array",
    "phone cradle", "pipette rack", "pump housing", "robot wrist", "seal ring", "sensor pod",
    "snap fit coupons", "soap dish", "spool holder", "strain relief", "surgical guide demo",
    "tea infuser", "test_tower", "thread gauge", "turbine blade", "valve body", "watch case",
    "whistle", "wind tunnel car", "Örnek parça", "Gehäuse für Prüfstand", "Pièce d'essai n° 3",
    "歯車 試作", "шестерня 12T", "Łącznik półki",
)  # fmt: skip
LONG_JOB = "fixture plate, dowel sleeve, clamp jaw, spacer 4 mm, cable clip"
PEOPLE: Tuple[Tuple[str, str, str], ...] = (
    ("Mira", "Santos", "mira.santos"),
    ("Jonas", "Bäcker", "jonas_b"),
    ("Aiko", "Tanabe", "aiko.tanabe"),
    ("Zoë", "", "zoe+lab"),
    ("Łukasz", "Wrona", "lwrona"),
    ("Priya", "Raman", "priya"),
    ("Tomás", "Ibáñez", "tomas.ib"),
)
"""First name, last name and username; the first person owns the account."""
GROUPS: Tuple[str, str] = ("Prototype Workshop", "Model Foundry")
INVITED: Tuple[str, ...] = ("nadia@example.com", "o.lindqvist@example.com")
QUEUED: Tuple[str, ...] = ("queued hinge", "desk organiser", "impeller r4", "coupon plate")
NOTES: Tuple[str, ...] = (
    "Supports came off cleanly.",
    "Slight warp on the left edge, usable.",
    "Zweiter Versuch, jetzt mit mehr Stützen.",
    "Vendor sample, keep.",
)
