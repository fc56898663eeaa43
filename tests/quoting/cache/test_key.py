"""Equal questions have one name, others have another."""

from __future__ import annotations

from pathlib import Path

from pricing_fdm.quoting.cache.key import key_of, program_digest


def test_the_order_of_the_facts_does_not_matter() -> None:
    """But every name and every value does."""
    facts: dict[str, str | int] = {"model": "ab", "infill": 20}
    assert key_of(facts) == key_of({"infill": 20, "model": "ab"})
    others: list[dict[str, str | int]] = [
        {"model": "ab"},
        {"model": "ab", "infill": 21},
        {"model": "ab", "infill": "20"},
    ]
    assert len({key_of(facts), *map(key_of, others)}) == 4


def test_a_key_is_a_plain_name() -> None:
    """It is part of a folder's name and of a key in Redis."""
    assert len(key_of({})) == 64
    assert set(key_of({})) <= set("0123456789abcdef")


def test_another_version_of_the_program_asks_anew(tmp_path: Path) -> None:
    """A changed rule, a moved module, a new one: whatever it does to a figure."""
    digests = []
    for name, content in (
        *(("a.py", "1"), ("a.py", "2"), ("b.py", "2"), ("c.py", "")),
        *(("dictionary.toml", "1"), ("dictionary.toml", "2")),
    ):
        (tmp_path / name).write_text(content)
        program_digest.cache_clear()
        digests.append(program_digest(tmp_path))
    program_digest.cache_clear()
    assert len(set(digests)) == 6
    assert program_digest(tmp_path) == digests[-1]
