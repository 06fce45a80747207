# en: why it is right
# zh: 为什么是对的
def scale(x, factor):
    return x * factor
