"""A made-up article → a page as news sites send it, 120 to 180 KB: the article is 3 % of its bytes.

Around it: a head with metadata and JSON-LD, styles, scripts with their state, menus, related stories,
comments and a footer. Pages may name an alliance in menus and footer only: such a page passes the gate on the
bytes, and its text doesn't pass the next. Five layouts, as sites differ in what they put into the article.
"""

import html
import json
from random import Random
from string import ascii_letters, digits

from texts import MadeArticle, draw_cast, load_grammar, random_of, say

#: bytes of a page, at least and at most, about
SMALLEST, LARGEST = 120_000, 180_000
_LAYOUTS = 5
_LETTERS = ascii_letters + digits


def make_url(seed: int, article: MadeArticle) -> str:
    """Article → its address, which no other has."""
    words = "".join(char if char.isalnum() else "-" for char in article.title.lower())
    kind = "world" if article.on_topic else "local"
    return f"https://news.example/{kind}/{article.published:%Y/%m}/{words[:60]}-{seed}-{article.number}"


def make_page(seed: int, article: MadeArticle, named_in_menus: bool = False) -> str:
    """Article → its page; `named_in_menus` puts an alliance into menus and footer."""
    random = random_of("page", seed, article.number, article.on_topic, named_in_menus)
    url = make_url(seed, article)
    outlet = load_grammar()["paper"][article.number % 5]
    watched = load_grammar()["watched_section"] if named_in_menus else []
    sections = [*load_grammar()["section"], *watched]
    body = "\n".join(
        (
            _menu(random, sections),
            '<div class="layout"><main id="content">',
            _article(random, article, article.number % _LAYOUTS),
            _related(random),
            _comments(random),
            "</main>",
            _sidebar(random),
            "</div>",
            _footer(random, [*load_grammar()["service"], *watched]),
        )
    )
    head = _head(random, article, url, outlet)
    size = random.randint(SMALLEST, LARGEST)
    state = _state(random, max(0, size - len(head.encode()) - len(body.encode())))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n{head}\n<body class="page">\n{body}\n{state}\n</body>\n</html>\n'
    )


def _head(random: Random, article: MadeArticle, url: str, outlet: str) -> str:
    moment, title = article.published.isoformat(), html.escape(article.title)
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": moment,
        "dateModified": moment,
        "author": [{"@type": "Person", "name": article.author}],
        "publisher": {"@type": "Organization", "name": outlet},
        "mainEntityOfPage": url,
        "image": [f"https://cdn.example/{_token(random, 40)}.jpg" for _ in range(6)],
    }
    return "\n".join(
        (
            "<head>",
            '<meta charset="utf-8">',
            f"<title>{title} | {outlet}</title>",
            f'<link rel="canonical" href="{url}">',
            f'<meta property="og:title" content="{title}">',
            f'<meta property="og:site_name" content="{outlet}">',
            f'<meta property="article:published_time" content="{moment}">',
            f'<meta name="author" content="{article.author}">',
            *(f'<link rel="preload" href="/static/{_token(random, 24)}.js" as="script">' for _ in range(20)),
            f'<script type="application/ld+json">{json.dumps(data)}</script>',
            f"<style>{_styles(random)}</style>",
            "</head>",
        )
    )


def _styles(random: Random) -> str:
    return "".join(
        f".{_token(random, 7)}-{name}>.item{{margin:{random.randint(0, 40)}px;"
        f"color:#{random.randrange(1 << 24):06x}}}"
        for name in ("menu", "card", "lead", "tile") * 60
    )


def _menu(random: Random, names: list[str]) -> str:
    def link(name: str) -> str:
        path = name.lower().replace(" ", "-")
        return f'<a href="/{path}" data-id="{_token(random, 12)}"><span>{name}</span></a>'

    items = "".join(
        f'<li class="nav-item">{link(name)}<div class="fly-out"><ul>'
        + "".join(f"<li>{link(below)}</li>" for below in random.sample(load_grammar()["section"], 6))
        + "</ul></div></li>"
        for name in names
    )
    search = '<form action="/search"><input name="q"></form>'
    return f'<header><nav class="mega-menu"><ul>{items}</ul></nav>{search}</header>'


def _article(random: Random, article: MadeArticle, layout: int) -> str:
    cast = draw_cast(random)
    paragraphs = [f"<p>{html.escape(text)}</p>" for text in article.paragraphs]
    half = len(paragraphs) // 2
    image = f'<img src="https://cdn.example/{_token(random, 30)}.jpg" alt="">'
    figure = f"<figure>{image}<figcaption>{say('comment', random, cast)}</figcaption></figure>"
    paragraphs.insert(1, figure)
    if layout == 0:
        paragraphs.insert(half, '<div class="ad-slot"><span>Advertisement</span></div>')
    elif layout == 1:
        letter = say("boilerplate", random, cast)
        box = f'<form class="newsletter-signup"><label>{letter}</label><input type="email"></form>'
        paragraphs.insert(half, f'<aside class="newsletter">{box}</aside>')
    elif layout == 2:
        links = "".join(f"<li>{_link(random, cast)}</li>" for _ in range(3))
        paragraphs.insert(half, f'<div class="related-inline"><ul>{links}</ul></div>')
    elif layout == 3:
        paragraphs[half] = f"<blockquote>{paragraphs[half]}</blockquote>"
        paragraphs.insert(half, f"<p><strong>Read more:</strong> {_link(random, cast)}</p>")
    else:
        # Old sites end paragraphs by line breaks.
        paragraphs = [figure, "<br><br>\n".join(map(html.escape, article.paragraphs))]
    lines = "\n".join(paragraphs)
    share = "".join(
        f'<a class="share" href="https://share.example/{name}">{name}</a>' for name in ("Print", "Tweet")
    )
    tag = "div" if layout == 1 else "section"
    return (
        f'<article class="story"><h1>{html.escape(article.title)}</h1>'
        f'<div class="byline">By <a rel="author" href="/by/{article.number}">{article.author}</a> '
        f'<time datetime="{article.published.isoformat()}">{article.published:%d %B %Y}</time></div>'
        f'<div class="share-tools">{share}</div>'
        f'<{tag} class="article-body" itemprop="articleBody">\n{lines}\n'
        f"</{tag}></article>"
    )


def _related(random: Random) -> str:
    cast = draw_cast(random)
    cards = "".join(
        f'<div class="card"><div class="media"><a href="/local/{_token(random, 16)}">'
        f'<picture>{_sources(random)}</picture></a></div><div class="text"><h3>{_link(random, cast)}</h3>'
        f'<ul class="meta"><li><span>{say("section", random, cast)}</span></li><li><time>{hour} h</time></li>'
        "</ul></div></div>"
        for hour in range(50)
    )
    return f'<section class="related-stories"><h2>More stories</h2>{cards}</section>'


def _sources(random: Random) -> str:
    name = _token(random, 28)
    widths = ", ".join(f"https://cdn.example/{name}/{width}.webp {width}w" for width in (320, 640, 960, 1280))
    image = f'<img loading="lazy" src="https://cdn.example/{name}.jpg" alt="">'
    return f'<source type="image/webp" srcset="{widths}">{image}'


def _link(random: Random, cast: dict[str, str]) -> str:
    title = say("off_topic_title", random, cast)
    return f'<a href="/local/{_token(random, 16)}">{html.escape(title)}</a>'


def _comments(random: Random) -> str:
    comments = "".join(
        f'<li class="comment" id="c{_token(random, 8)}"><cite>{say("player", random, {})}</cite>'
        f"<p>{html.escape(say('comment', random, {}))}</p><button>Reply</button></li>"
        for _ in range(random.randint(5, 25))
    )
    return f'<section id="comments" class="comments"><h2>Comments</h2><ol>{comments}</ol></section>'


def _sidebar(random: Random) -> str:
    cast = draw_cast(random)
    items = "".join(f"<li>{_link(random, cast)}</li>" for _ in range(40))
    return f'<aside class="sidebar"><h2>Most read</h2><ol>{items}</ol></aside>'


def _footer(random: Random, names: list[str]) -> str:
    links = "".join(f'<li><a href="/{_token(random, 10)}">{name}</a></li>' for name in names)
    small = " ".join(load_grammar()["boilerplate"])
    return f'<footer class="site-footer"><ul>{links}</ul><p class="small">{html.escape(small)}</p></footer>'


def _state(random: Random, size: int) -> str:
    """What scripts keep on a page: the largest part of its bytes; stories, settings and code."""
    entries: list[str] = []
    written = 0
    while written < size - 200:
        cast = draw_cast(random)
        entry = {
            "id": _token(random, 22),
            "type": "teaser",
            "headline": say("off_topic_title", random, cast),
            "summary": say("off_topic", random, cast),
            "image": {"src": f"https://cdn.example/{_token(random, 40)}.jpg", "ratio": "16:9", "lazy": True},
            "tracking": {"slot": random.randint(1, 400), "experiment": _token(random, 12), "variant": "b"},
        }
        entries.append(json.dumps(entry))
        written += len(entries[-1]) + 1
    return f"<script>window.__STATE__=[{','.join(entries)}];</script>"


def _token(random: Random, length: int) -> str:
    return "".join(random.choices(_LETTERS, k=length))
