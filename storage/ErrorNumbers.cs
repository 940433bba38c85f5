namespace RestKv.Storage;

/// <summary>Linux error numbers that storage tells apart.</summary>
public static class ErrorNumbers
{
    public const int NoEntry = 2;
    public const int Interrupted = 4;
    public const int InputOutput = 5;
    public const int WouldBlock = 11;
    public const int AccessDenied = 13;
    public const int Exists = 17;
    public const int NotDirectory = 20;
    public const int NoSpace = 28;
    public const int ReadOnly = 30;
    public const int QuotaExceeded = 122;
}
