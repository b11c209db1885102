for i in range(10**7):
    print("line", i)
