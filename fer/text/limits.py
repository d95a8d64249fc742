"""What an emotion model must not be used for, and what the law says: said once, for cards, commands, services and app.

The law: Regulation (EU) 2024/1689 of 13 June 2024 (the Artificial Intelligence Act),
https://eur-lex.europa.eu/eli/reg/2024/1689/oj, Articles 5(1)(f), 50(3) and 113.
"""

MEANING = "A prediction is what the model takes a face to show, not what the person feels."
NOT_FOR = (
    "It must not be used to decide about a person: in hiring, at work, in education, in credit, at borders, by the "
    "police, or in a diagnosis."
)
FORBIDDEN = (
    "The European Union's AI Act (Regulation (EU) 2024/1689) forbids inferring people's emotions at work and in "
    "education, except for medical or safety reasons (Article 5(1)(f), which applies since 2 February 2025)."
)
TO_BE_TOLD = (
    "It also asks that people who are exposed to an emotion recognition system be told so, and that their personal "
    "data be processed as the law on data protection says (Article 50(3))."
)
LIMITS = (MEANING, NOT_FOR, FORBIDDEN, TO_BE_TOLD)
