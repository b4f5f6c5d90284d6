"""A procedure drawn as a picture: `draw(procedure, language=…, current=…, visited=…)` gives SVG markup."""

from statutes.diagram.drawing import draw as draw
