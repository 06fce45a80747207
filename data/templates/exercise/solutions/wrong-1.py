# en: why it is wrong
# zh: 为什么错
def scale(x, factor):
    return x.detach() * factor
