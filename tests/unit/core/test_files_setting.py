"""FILES_URL: a folder or a bucket; anything else is refused with what would be right, before anything starts."""

import pytest

import config

REST = {"SECRET_KEY": "of the tests, and of nothing else", "DATABASE_URL": "postgresql://localhost/any"}


@pytest.mark.parametrize(
    "url",
    [
        "file:///var/lib/mobility/files",
        "file:///with%20a%20space",
        "s3://bucket",
        "s3://bucket/prefix?endpoint_url=https://s3.example.org",
    ],
)
def test_places_for_files(url: str) -> None:
    assert config.from_env(REST | {"FILES_URL": url})["FILES_URL"] == url


def test_without_one_files_are_kept_beside_the_database() -> None:
    assert config.from_env(REST)["FILES_URL"].endswith("/instance/files")


WRONG = ["/var/lib/files", "file://", "file:///", "file://host/files", "s3://", "ftp://host/files", "s3:bucket"]


@pytest.mark.parametrize("url", WRONG)
def test_what_is_no_place_for_files(url: str) -> None:
    with pytest.raises(config.InvalidSettings, match="FILES_URL: must be like file:///var/lib/mobility/files or s3://bucket"):
        config.from_env(REST | {"FILES_URL": url})
