"""``python -m formlabs_web_api``: the command line."""

from formlabs_web_api.cli import main

if __name__ == "__main__":
    main()
