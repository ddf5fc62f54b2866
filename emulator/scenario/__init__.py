"""Scenarios: stories told before they happen, from YAML with positions to frozen values.

    reader      YAML 1.2 text -> plain values and where each of them stands; bounded, duplicate keys refused
    syntax      where a text stops being YAML
    mistakes    what is wrong with a file: file:line:column, expected, got, did you mean
    scalars     what `on`, `1:30` and `010` mean
    measures    durations, sizes, counts and dates: texts and ints
    grammar     the JSON Schema of what is the same for every API
    settings    a provider's settings dataclass: its JSON Schema, and a file's values in its Python types
    schema      the JSON Schema of scenario files, made from what each API contributes
    fit         what the schema says against a file, in words
    sense       what no schema can say: order of states, bounds, rules that cannot be reached
    loader      plain values -> the frozen values of `story`; every mistake at once
    library     names (`api/story`) -> files: the user's directories, then the shipped ones
    override    settings given beside a scenario, which win over its own
    story       Scenario, JobRule, Fault, When: what a scenario is once it is loaded
    vocabulary  what an API contributes: its states, operations, error codes, settings
    telling     a scenario in plain words: `wording` of its rules, `phrases` of single values
    drawing     the lives of its jobs, as a diagram

The package knows no provider: it is handed a `Vocabulary`.
"""
