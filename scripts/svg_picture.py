"""A small SVG canvas for the pictures of the documentation; not part of the program."""

INK, DIM, LINE = "#1d2733", "#5f6c7b", "#c9d1da"
CELL = 18


class Picture:
    """Shapes collected in drawing order; coordinates in pixels."""

    def __init__(self, width, height):
        self.size = width, height
        self.parts = []

    def box(self, x, y, w, h, fill="none", stroke=LINE, wide=1, dash=""):
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="1.5" fill="{fill}" stroke="{stroke}" '
                          f'stroke-width="{wide}"{dashes}/>')

    def text(self, x, y, words, size=13, colour=INK, anchor="start", weight="normal"):
        words = words.replace("&", "&amp;").replace("<", "&lt;")
        self.parts.append(f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" '
                          f'font-weight="{weight}">{words}</text>')

    def note(self, x, y, *lines):
        for i, line in enumerate(lines):
            self.text(x, y + 17 * i, line, 12, DIM)

    def grid(self, x, y, columns, rows, fill="white", cell=CELL):
        for r in range(rows):
            for c in range(columns):
                colour = fill(c, r) if callable(fill) else fill
                self.box(x + c * cell, y + r * cell, cell, cell, colour)

    def frame(self, x, y, columns, rows, cell=CELL, colour=INK):
        self.box(x, y, columns * cell, rows * cell, "none", colour, 2)

    def arrow(self, x1, y1, x2, y2):
        self.parts.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{INK}" stroke-width="1.6" '
                          f'marker-end="url(#head)"/>')

    def line(self, x1, y1, x2, y2, colour=INK, wide=1.6, dash=""):
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
                          f'stroke-width="{wide}"{dashes}/>')

    def dot(self, x, y, radius, fill, stroke):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{fill}" stroke="{stroke}" '
                          f'stroke-width="1.6"/>')

    def write(self, path):
        w, h = self.size
        path.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" '
            f'font-family="system-ui, Roboto, Helvetica, Arial, sans-serif">\n'
            f'<defs><marker id="head" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">'
            f'<path d="M0 0 L9 4 L0 8 z" fill="{INK}"/></marker></defs>\n'
            f'<rect width="{w}" height="{h}" rx="8" fill="#fbfcfd" stroke="{LINE}"/>\n' + "\n".join(self.parts) + "\n</svg>\n")
