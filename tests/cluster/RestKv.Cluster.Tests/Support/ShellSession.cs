using System.Diagnostics;
using System.Text;
using RestKv.Testing;

namespace RestKv.Cluster.Tests.Support;

/// <summary>One bash that runs command after command, as a person's terminal does: variables stay.</summary>
internal sealed class ShellSession : IAsyncDisposable
{
    private readonly Process _bash;
    private int _commands;

    public ShellSession(string workingDirectory)
    {
        _bash = Process.Start(new ProcessStartInfo("bash", ["--norc", "--noprofile"])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        _bash.StandardInput.WriteLine("exec 2>&1");
    }

    /// <summary>What the command printed, errors included.</summary>
    public async Task<string> RunAsync(string command)
    {
        var mark = $"--- end of command {++_commands} ---";
        await _bash.StandardInput.WriteLineAsync(command + "\nprintf '\\n%s\\n' '" + mark + "'");
        await _bash.StandardInput.FlushAsync();
        var output = new StringBuilder();
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        while (await ReadLineAsync(command, deadline.Token) is { } line && line != mark)
        {
            output.Append(line).Append('\n');
        }

        return output.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        _bash.StandardInput.Close();
        if (!_bash.HasExited)
        {
            _bash.Kill(entireProcessTree: true);
        }

        await _bash.WaitForExitAsync();
        _bash.Dispose();
    }

    private async Task<string?> ReadLineAsync(string command, CancellationToken cancellationToken)
    {
        try
        {
            return await _bash.StandardOutput.ReadLineAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"no end of: {command}");
            throw;
        }
    }
}
