import com.jcraft.jsch.*;
import java.io.*;
import java.util.Arrays;

/** JSch against the server: a command, its exit status, a file by SFTP. Arguments: PORT USER KEY FOLDER. */
public class JschClient {
	static void expect(boolean holds, String what) {
		if (!holds)
			throw new AssertionError(what);
	}

	public static void main(String[] args) throws Exception {
		JSch jsch = new JSch();
		jsch.addIdentity(args[2]);
		Session session = jsch.getSession(args[1], "127.0.0.1", Integer.parseInt(args[0]));
		session.setConfig("StrictHostKeyChecking", "no");
		session.setConfig("PreferredAuthentications", "publickey");
		session.connect(20000);

		ChannelExec exec = (ChannelExec) session.openChannel("exec");
		exec.setCommand("echo hello; exit 7");
		InputStream out = exec.getInputStream();
		exec.connect();
		expect(new String(out.readAllBytes()).equals("hello\n"), "output");
		while (!exec.isClosed())
			Thread.sleep(10);
		expect(exec.getExitStatus() == 7, "exit status");

		byte[] data = new byte[1 << 20];
		new java.util.Random(1).nextBytes(data);
		ChannelSftp sftp = (ChannelSftp) session.openChannel("sftp");
		sftp.connect();
		String path = args[3] + "/from-jsch";
		sftp.put(new ByteArrayInputStream(data), path);
		ByteArrayOutputStream back = new ByteArrayOutputStream();
		sftp.get(path, back);
		expect(Arrays.equals(back.toByteArray(), data), "sftp");
		sftp.rm(path);
		try {
			sftp.stat(path);
			throw new AssertionError("sftp finds what is gone");
		} catch (SftpException e) {
			expect(e.id == ChannelSftp.SSH_FX_NO_SUCH_FILE, "sftp: no such file");
		}
		session.disconnect();
	}
}
