"""Words of one's own: the user's dictionaries and synonyms that an index of passages is made with.

recorded    what the manifest says of them: which files, of which content, and which expansions are off
settings    ``sakuin.toml``, a file that names them
dictionary  Sudachi's CSV → words
compiling   words → a dictionary that Sudachi reads, and tables of its entries, in the user's cache folder
synonyms    Sudachi's synonym format → groups of words
making      all of them → files of a generation
opening     files of a generation → an analyzer, and what a lexicon has beside the system dictionary's tables
"""
